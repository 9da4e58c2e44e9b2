using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using ReferralService.Sandbox.Repository;

namespace ReferralService.Sandbox.Serving;

/// <summary>How a server searches.</summary>
/// <param name="PageSize">Without <c>_count</c>.</param>
/// <param name="MaxPageSize">A larger <c>_count</c> becomes this.</param>
/// <param name="DropsIdentifiers">A filter by identifier is left out as if it had not been asked for.</param>
/// <param name="HearsStrict">Whether <c>Prefer: handling=strict</c> is heeded; off, what is not known is left out without a word but the self link's.</param>
/// <param name="NeedsCategoryOrCode">US Core style: Observations and DiagnosticReports are not given out by patient alone.</param>
internal sealed record SearchHabits(int PageSize = 50, int MaxPageSize = 1000, DateSearch DateSearch = DateSearch.Supported, bool NeedsCategoryOrCode = false, bool Total = true, bool DropsIdentifiers = false, bool HearsStrict = true);

/// <summary>Answers searches with pages whose next link is opaque and whose self link has only what was understood.</summary>
internal sealed class SearchAnswer(ResourceStore store, SearchHabits habits)
{
    public SearchPages Pages { get; } = new();

    /// <summary>GET {type}?… and POST {type}/_search, whose form and query count together.</summary>
    public async Task FirstPageAsync(FhirExchange exchange)
    {
        var request = exchange.Http.Request;
        var parameters = request.Query.SelectMany(Pairs).ToList();
        if (exchange.Method == "POST")
        {
            if (!request.HasFormContentType) throw new FhirRefusal(415, "not-supported", "Send application/x-www-form-urlencoded.");
            parameters.AddRange((await request.ReadFormAsync(exchange.Aborted)).SelectMany(Pairs));
        }
        if (habits.DropsIdentifiers) parameters.RemoveAll(p => p.Key == "identifier");
        var query = Read(exchange.Route.Type!, parameters);
        var strict = habits.HearsStrict && request.Headers["Prefer"].Any(p => p?.Contains("handling=strict", StringComparison.Ordinal) == true);
        if (strict && query.Unknown.Count > 0) throw new FhirRefusal(400, "not-supported", $"Unknown search parameter: {string.Join(", ", query.Unknown)}.");
        if (habits.NeedsCategoryOrCode && query.Type is ("Observation" or "DiagnosticReport")
            && query.Criteria.Any(c => c.Name is "patient" or "subject") && !query.Criteria.Any(c => c.Name is "category" or "code" or "_id"))
            throw new FhirRefusal(400, "required", "Give category or code with the patient.");

        var found = store.All(query.Type, query.Patient).Where(query.Matches);
        if (query.NewestFirst is { } newest) found = newest ? found.OrderByDescending(r => r.LastUpdated) : found.OrderBy(r => r.LastUpdated);
        var self = QueryHelpers.AddQueryString($"{exchange.Base}/{query.Type}", query.Understood!);
        await PageAsync(exchange, new PendingSearch(self, [.. found], 0, Math.Min(query.Count ?? habits.PageSize, habits.MaxPageSize), query.Elements));
    }

    /// <summary>GET {base}?_getpages={token}.</summary>
    public Task NextPageAsync(FhirExchange exchange, string token)
        => PageAsync(exchange, Pages.Find(token) ?? throw new FhirRefusal(410, "expired", "This page is no longer kept: search again."));

    private async Task PageAsync(FhirExchange exchange, PendingSearch search)
    {
        var end = Math.Min(search.From + search.Count, search.Found.Count);
        exchange.Http.Response.ContentType = "application/fhir+json; charset=utf-8";
        var output = exchange.Http.Response.BodyWriter;
        await using var json = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true });
        json.WriteStartObject();
        json.WriteString("resourceType", "Bundle");
        json.WriteString("type", "searchset");
        if (habits.Total) json.WriteNumber("total", search.Found.Count);
        json.WriteStartArray("link");
        Link(json, "self", search.SelfLink);
        if (end < search.Found.Count && search.Count > 0) Link(json, "next", $"{exchange.Base}?_getpages={Pages.Keep(search with { From = end })}");
        json.WriteEndArray();
        if (end > search.From) json.WriteStartArray("entry");
        for (var i = search.From; i < end; i++)
        {
            var resource = search.Found[i];
            json.WriteStartObject();
            json.WriteString("fullUrl", $"{exchange.Base}/{resource.Key}");
            json.WritePropertyName("resource");
            json.WriteRawValue(search.Elements is null ? resource.Utf8.Span : resource.Subset(search.Elements), skipInputValidation: true);
            json.WriteStartObject("search");
            json.WriteString("mode", "match");
            json.WriteEndObject();
            json.WriteEndObject();
            if (json.BytesPending + json.BytesCommitted < 256 * 1024) continue;
            json.Flush();
            await output.FlushAsync(exchange.Aborted);
        }
        if (end > search.From) json.WriteEndArray();
        json.WriteEndObject();
        await json.FlushAsync(exchange.Aborted);
        await output.FlushAsync(exchange.Aborted);
    }

    private SearchQuery Read(string type, List<KeyValuePair<string, string>> parameters)
    {
        try
        {
            return SearchQuery.Read(type, parameters, habits.DateSearch);
        }
        catch (FormatException unreadable)
        {
            throw new FhirRefusal(400, "value", $"Cannot search by {unreadable.Message} so.");
        }
    }

    private static IEnumerable<KeyValuePair<string, string>> Pairs(KeyValuePair<string, Microsoft.Extensions.Primitives.StringValues> item)
        => item.Value.Select(v => KeyValuePair.Create(item.Key, v ?? ""));

    private static void Link(Utf8JsonWriter json, string relation, string url)
    {
        json.WriteStartObject();
        json.WriteString("relation", relation);
        json.WriteString("url", url);
        json.WriteEndObject();
    }
}
