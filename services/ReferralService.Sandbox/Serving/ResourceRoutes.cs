using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using ReferralService.Sandbox.Repository;

namespace ReferralService.Sandbox.Serving;

/// <summary>read, vread, create, update, delete and search over a store.</summary>
/// <param name="updateCreate">A PUT to an id that does not exist creates it; else 405.</param>
/// <param name="stamp">Whether a type's bytes get the server's meta.</param>
internal sealed class ResourceRoutes(ResourceStore store, SearchAnswer search, bool updateCreate, Func<string, bool> stamp)
{
    private readonly Lock _creating = new();

    /// <summary>Whether a create's If-None-Exist is honoured; else it is not looked at.</summary>
    public bool ConditionalCreate { get; init; }

    /// <summary>A Binary as a resource says everything but its data.</summary>
    public bool BareBinaries { get; init; }

    /// <summary>Told of a create or update once it is stored and before it is answered: interaction, what is stored, the body as received.</summary>
    public Action<string, StoredResource, byte[]>? Wrote { get; init; }

    public Task ServeAsync(FhirExchange exchange)
    {
        var route = exchange.Route;
        if (route.Type is not null && SearchParameters.Of(route.Type) is null) throw new FhirRefusal(404, "not-supported", "No such resource type here.");
        return (exchange.Method, route.Target) switch
        {
            ("GET", FhirTarget.System) when exchange.Http.Request.Query["_getpages"] is [{ } token] => search.NextPageAsync(exchange, token),
            ("GET", FhirTarget.Type) or ("POST", FhirTarget.Search) => search.FirstPageAsync(exchange),
            ("GET", FhirTarget.Instance) => ReadAsync(exchange),
            ("GET", FhirTarget.Version) => VersionAsync(exchange),
            ("POST", FhirTarget.Type) => CreateAsync(exchange),
            ("PUT", FhirTarget.Instance) => UpdateAsync(exchange),
            ("DELETE", FhirTarget.Instance) => DeleteAsync(exchange),
            (_, FhirTarget.Unknown or FhirTarget.Operation) => throw new FhirRefusal(404, "not-found", "No such place."),
            _ => throw new FhirRefusal(405, "not-supported", "Not here."),
        };
    }

    private Task ReadAsync(FhirExchange exchange)
    {
        var resource = store.Latest(exchange.Route.Type!, exchange.Route.Id!) ?? throw new FhirRefusal(404, "not-found", "No such resource.");
        if (resource.Deleted) throw new FhirRefusal(410, "deleted", "It was deleted.");
        if (exchange.Http.Request.Headers.IfNoneMatch.Contains(resource.ETag))
        {
            exchange.Http.Response.StatusCode = 304;
            return Task.CompletedTask;
        }
        if (resource.Type != "Binary") return exchange.AnswerAsync(200, resource);
        if (!WantsFhir(exchange.Http.Request)) return RawAsync(exchange, resource);
        return exchange.AnswerAsync(200, BareBinaries ? resource with { Utf8 = JsonSplice.Without(resource.Utf8.Span, "data") } : resource);
    }

    private Task VersionAsync(FhirExchange exchange)
    {
        var versions = store.Versions(exchange.Route.Type!, exchange.Route.Id!);
        var resource = versions.FirstOrDefault(v => v.Version == exchange.Route.Version) ?? throw new FhirRefusal(404, "not-found", "No such version.");
        return resource.Deleted ? throw new FhirRefusal(410, "deleted", "It was deleted.") : exchange.AnswerAsync(200, resource);
    }

    private async Task CreateAsync(FhirExchange exchange)
    {
        var body = await exchange.ResourceAsync();
        var condition = ConditionalCreate ? exchange.Http.Request.Headers["If-None-Exist"].ToString() : "";
        StoredResource stored;
        lock (_creating)
        {
            if (Existing(exchange.Route.Type!, condition) is { } existing) stored = existing;
            else
            {
                condition = "";
                stored = store.Write(exchange.Route.Type!, null, body, stamp(exchange.Route.Type!));
                Wrote?.Invoke("create", stored, body);
            }
        }

        await exchange.AnswerAsync(condition.Length > 0 ? 200 : 201, stored);
    }

    /// <summary>What a condition finds (R4 http.html#ccreate): null when nothing, 412 when several.</summary>
    private StoredResource? Existing(string type, string condition)
    {
        if (condition.Length == 0) return null;
        var query = SearchQuery.Read(type, QueryHelpers.ParseQuery(condition).SelectMany(p => p.Value.Select(v => KeyValuePair.Create(p.Key, v ?? ""))), DateSearch.Supported);
        var found = store.All(type, query.Patient).Where(query.Matches).Take(2).ToList();
        return found.Count > 1 || query.Unknown.Count > 0 ? throw new FhirRefusal(412, "multiple-matches", "The condition does not name one.") : found.SingleOrDefault();
    }

    private async Task UpdateAsync(FhirExchange exchange)
    {
        var (type, id) = (exchange.Route.Type!, exchange.Route.Id!);
        var body = await exchange.ResourceAsync();
        if (StoredResource.Text(body, FhirExchange.Members(body), "id") != id) throw new FhirRefusal(400, "invalid", "The body's id is not the URL's.");
        var before = store.Latest(type, id);
        if (before is null && !updateCreate) throw new FhirRefusal(405, "not-supported", "Ids are given by this server: POST.");
        var headers = exchange.Http.Request.Headers;
        if (headers.IfMatch.Count > 0 && !headers.IfMatch.Contains(before?.ETag)) throw new FhirRefusal(412, "conflict", "Another version is current.");
        if (headers.IfNoneMatch.Contains("*") && before is { Deleted: false }) throw new FhirRefusal(412, "conflict", "It exists.");
        var stored = store.Write(type, id, body, stamp(type));
        Wrote?.Invoke("update", stored, body);
        await exchange.AnswerAsync(before is { Deleted: false } ? 200 : 201, stored);
    }

    private Task DeleteAsync(FhirExchange exchange)
    {
        store.Delete(exchange.Route.Type!, exchange.Route.Id!);
        exchange.Http.Response.StatusCode = 204;
        return Task.CompletedTask;
    }

    /// <summary>R4 binary.html#rest: the content itself, unless FHIR's own media type is asked for.</summary>
    private static bool WantsFhir(HttpRequest request)
        => request.Headers.Accept.Any(a => a?.Contains("fhir+json", StringComparison.Ordinal) == true || a?.Contains("application/json", StringComparison.Ordinal) == true);

    private static Task RawAsync(FhirExchange exchange, StoredResource binary)
    {
        using var document = JsonDocument.Parse(binary.Utf8);
        var type = document.RootElement.TryGetProperty("contentType", out var t) ? t.GetString()! : "application/octet-stream";
        var data = document.RootElement.TryGetProperty("data", out var d) ? d.GetBytesFromBase64() : [];
        exchange.Http.Response.Headers.ETag = binary.ETag;
        return exchange.AnswerAsync(200, data, type);
    }
}
