using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Gathering.Conformance;

/// <summary>
/// Stands before a FHIR server and lets through what a server of US Core must answer, and nothing more: the combinations it requires, dates with seconds
/// and offset, no lists of codes, no <c>subject</c>, no <c>_include</c>, at most 20 a page. What it does not know it drops without a word but the self link's.
/// </summary>
/// <remarks>The searching itself is that server's; the rules of what may be asked are written here from US Core's CapabilityStatement.</remarks>
internal sealed partial class UsCoreFront : IAsyncDisposable
{
    private const int LargestPage = 20;

    /// <summary>By type the parameters, and the combinations of which one must be given with the patient; none: the patient alone.</summary>
    private static readonly Dictionary<string, (string[] Parameters, string[] OneOf)> Rules = new(StringComparer.Ordinal)
    {
        ["Observation"] = (["patient", "category", "code", "date", "status"], ["category", "code"]),
        ["DiagnosticReport"] = (["patient", "category", "code", "date", "status"], ["category", "code"]),
        ["Condition"] = (["patient", "category", "clinical-status", "code"], ["category", "code"]),
        ["DocumentReference"] = (["patient", "category", "type", "status", "date", "_id"], ["category", "type", "_id"]),
        ["MedicationRequest"] = (["patient", "intent", "status"], ["intent"]),
        ["AllergyIntolerance"] = (["patient", "clinical-status"], []),
        ["Procedure"] = (["patient", "date", "status"], []),
        ["Immunization"] = (["patient", "date", "status"], []),
        ["ServiceRequest"] = (["patient", "category", "code", "status", "_id"], ["category", "code", "status", "_id"]),
        ["Patient"] = (["_id", "identifier"], ["_id", "identifier"]),
    };

    private readonly HttpClient _upstream = new(new SocketsHttpHandler { UseProxy = false });
    private readonly ConcurrentQueue<string> _refused = new();
    private readonly string _behind;
    private ScriptedServer _server = null!;

    private UsCoreFront(string behind) => _behind = behind;

    public string Base => $"{_server.Origin.AbsoluteUri.TrimEnd('/')}/fhir";

    /// <summary>What was asked and refused, with why.</summary>
    public IReadOnlyCollection<string> Refused => _refused;

    /// <param name="behind">Base of the server that it stands before.</param>
    public static async Task<UsCoreFront> StartAsync(string behind)
    {
        var front = new UsCoreFront(behind);
        front._server = await ScriptedServer.StartAsync(front.AnswerAsync);
        return front;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _upstream.Dispose();
    }

    private async Task AnswerAsync(HttpContext http)
    {
        var path = http.Request.Path.Value!["/fhir".Length..].Trim('/');
        if (path == "metadata") await SendAsync(http, 200, Statement());
        else if (http.Request.Method != "GET") await RefuseAsync(http, path, "only GET");
        else if (path.Length == 0 || path.Contains('/')) await ForwardAsync(http, path, http.Request.QueryString.Value ?? "");
        else if (!Rules.TryGetValue(path, out var rule)) await SendAsync(http, 404, Outcome("not-supported"));
        else await SearchAsync(http, path, rule.Parameters, rule.OneOf);
    }

    private async Task SearchAsync(HttpContext http, string type, string[] parameters, string[] oneOf)
    {
        var asked = http.Request.Query.SelectMany(q => q.Value.Select(v => KeyValuePair.Create(q.Key, v))).ToList();
        var used = asked.Where(p => parameters.Contains(p.Key)).ToList();
        string? fault =
            asked.Exists(p => p.Key is "subject" or "_include" or "_revinclude") ? "not offered"
            : !used.Exists(p => p.Key is "patient" or "_id" or "identifier") ? "patient required"
            : oneOf.Length > 0 && !used.Exists(p => oneOf.Contains(p.Key)) ? $"one of {string.Join(", ", oneOf)} required"
            : used.Exists(p => p.Key is "code" or "category" or "type" or "intent" && p.Value!.Contains(',')) ? "one value only"
            : used.Exists(p => p.Key == "date" && !Instant().IsMatch(p.Value!)) ? "date with seconds and offset required"
            : null;
        if (fault is not null)
        {
            await RefuseAsync(http, $"{type}?{string.Join('&', asked.Where(p => p.Key != "_count").Select(p => p.Key is "patient" or "subject" ? p.Key : $"{p.Key}={p.Value}"))}", fault);
            return;
        }

        int count = asked.Find(p => p.Key == "_count").Value is { } text && int.TryParse(text, out int n) ? Math.Min(n, LargestPage) : LargestPage;
        await ForwardAsync(http, type, QueryHelpers.AddQueryString("", [.. used, KeyValuePair.Create("_count", (string?)$"{count}")]));
    }

    private async Task ForwardAsync(HttpContext http, string path, string query)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{_behind}{(path.Length > 0 ? "/" + path : "")}{query}");
        if (http.Request.Headers.Accept is [{ } accept, ..]) request.Headers.TryAddWithoutValidation("Accept", accept);
        using var answer = await _upstream.SendAsync(request, http.RequestAborted);

        // Only the addresses change; every number stays as it was written.
        await SendAsync(http, (int)answer.StatusCode, (await answer.Content.ReadAsStringAsync(http.RequestAborted)).Replace(_behind, Base, StringComparison.Ordinal), answer.Content.Headers.ContentType?.ToString());
    }

    private Task RefuseAsync(HttpContext http, string what, string why)
    {
        _refused.Enqueue($"{what}: {why}");
        return SendAsync(http, 400, Outcome("invalid"));
    }

    private static async Task SendAsync(HttpContext http, int status, string body, string? contentType = null)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = contentType ?? "application/fhir+json";
        await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(body), http.RequestAborted);
    }

    private static string Outcome(string code) => $$"""{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"{{code}}"}]}""";

    private static string Statement() => new JsonObject
    {
        ["resourceType"] = "CapabilityStatement", ["status"] = "active", ["kind"] = "instance", ["fhirVersion"] = "4.0.1", ["date"] = "2026-01-01", ["format"] = new JsonArray("json"),
        ["rest"] = new JsonArray(new JsonObject
        {
            ["mode"] = "server",
            ["resource"] = new JsonArray([.. Rules.Select(rule => new JsonObject
            {
                ["type"] = rule.Key,
                ["interaction"] = new JsonArray(new JsonObject { ["code"] = "read" }, new JsonObject { ["code"] = "search-type" }),
                ["searchParam"] = new JsonArray([.. rule.Value.Parameters.Select(p => new JsonObject { ["name"] = p, ["type"] = p == "date" ? "date" : p == "patient" ? "reference" : "token" })]),
            })]),
        }),
    }.ToJsonString();

    [GeneratedRegex(@"^(eq|ne|gt|lt|ge|le)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$")]
    private static partial Regex Instant();
}
