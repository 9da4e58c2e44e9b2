using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using ReferralService.Gathering;
using ReferralService.Intake;
using ReferralService.Sandbox.Ehr;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Gathering.Files;

/// <summary>An EHR whose documents have their files elsewhere, and the server that has them: both real.</summary>
internal sealed class FileScene : IAsyncDisposable
{
    private readonly List<string> _asked = [];

    private FileScene(ScriptedServer files, GatherBench bench) => (Files, Bench) = (files, bench);

    public ScriptedServer Files { get; }

    public GatherBench Bench { get; }

    public string Origin => Files.Origin.GetLeftPart(UriPartial.Authority);

    /// <summary>What the file server was asked: path and query, Accept, and whether credentials or cookies came with it.</summary>
    public IReadOnlyList<string> Asked
    {
        get
        {
            lock (_asked) return [.. _asked];
        }
    }

    /// <param name="answer">Of the file server.</param>
    /// <param name="listed">The operator lists it.</param>
    public static async Task<FileScene> StartAsync(RequestDelegate answer, bool listed = true, GatheringOptions? options = null)
    {
        FileScene? scene = null;
        var files = await ScriptedServer.StartAsync(http =>
        {
            lock (scene!._asked) scene._asked.Add($"{http.Request.Path}{http.Request.QueryString} {http.Request.Headers.Accept}{http.Request.Headers.Authorization}{http.Request.Headers.Cookie}");
            return answer(http);
        });
        var ehr = new EhrOptions
        {
            Name = "main", BaseUrl = new Uri("http://set.later"), Auth = new PartnerAuth { Kind = AuthKind.Bearer, Token = "ehr-token" },
            AttachmentOrigins = listed ? [files.Origin] : [],
        };
        scene = new FileScene(files, await GatherBench.StartAsync(new SandboxEhrOptions { BearerToken = "ehr-token" }, options, ehr));
        scene.Bench.WithOrder();
        return scene;
    }

    public static RequestDelegate Pdf(string text) => http => WriteAsync(http, "application/pdf", Encoding.UTF8.GetBytes(text));

    public static async Task WriteAsync(HttpContext http, string? type, byte[] bytes)
    {
        http.Response.ContentType = type;
        http.Response.ContentLength = bytes.Length;
        await http.Response.Body.WriteAsync(bytes);
    }

    /// <param name="type">Null: none is told.</param>
    /// <param name="more">Further elements of the attachment.</param>
    public static string Document(string id, string url, string more = "", string? type = "application/pdf") => $$$"""
        {"resourceType":"DocumentReference","id":"{{{id}}}","status":"current","subject":{"reference":"Patient/p1"},"content":[{"attachment":{{{{(type is null ? "" : $"\"contentType\":\"{type}\",")}}}"url":"{{{url}}}"{{{(more.Length > 0 ? "," + more : "")}}} } }]}
        """;

    public static string Report(string id, string url) => $$"""
        {"resourceType":"DiagnosticReport","id":"{{id}}","status":"final","category":[{"coding":[{"code":"LAB"}]}],"code":{"text":"Histology"},"subject":{"reference":"Patient/p1"},
         "effectiveDateTime":"2026-10-01T08:00:00Z","presentedForm":[{"contentType":"application/pdf","url":"{{url}}"}]}
        """;

    public async ValueTask DisposeAsync()
    {
        await Bench.DisposeAsync();
        await Files.DisposeAsync();
    }
}

internal static class FileReading
{
    /// <summary>The one Binary of the record.</summary>
    public static JsonElement Binary(this GatheredRecord record) => record.Json(record.Resources.Single(r => r.Key.Type == "Binary"));

    public static JsonElement Json(this GatheredRecord record, GatheredResource resource)
    {
        byte[] buffer = [];
        return JsonDocument.Parse(record.Body(resource, ref buffer).ToArray()).RootElement;
    }

    public static byte[] Data(this JsonElement binary) => binary.GetProperty("data").GetBytesFromBase64();
}
