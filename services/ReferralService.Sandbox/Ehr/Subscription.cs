using System.Text.Json;
using ReferralService.Sandbox.Repository;
using ReferralService.Sandbox.Serving;

namespace ReferralService.Sandbox.Ehr;

/// <summary>An R4 rest-hook Subscription (R4 subscription.html): when to call, and how.</summary>
/// <param name="Payload">Null: an empty POST to the endpoint. Else the resource is PUT to {endpoint}/{type}/{id}.</param>
internal sealed record Subscription(SearchQuery Criteria, Uri Endpoint, string? Payload, IReadOnlyList<KeyValuePair<string, string>> Headers)
{
    /// <summary>Null when it is switched off.</summary>
    /// <exception cref="FhirRefusal">422 when it is not a subscription this server can serve.</exception>
    public static Subscription? Read(ReadOnlyMemory<byte> utf8)
    {
        using var document = JsonDocument.Parse(utf8);
        var root = document.RootElement;
        if (Text(root, "status") == "off") return null;
        var channel = root.TryGetProperty("channel", out var c) ? c : throw Unusable("channel");
        if (Text(channel, "type") != "rest-hook") throw Unusable("channel.type");
        if (!Uri.TryCreate(Text(channel, "endpoint"), UriKind.Absolute, out var endpoint) || endpoint.Scheme is not ("http" or "https")) throw Unusable("channel.endpoint");
        var headers = channel.TryGetProperty("header", out var lines)
            ? lines.EnumerateArray().Select(l => l.GetString()!.Split(':', 2)).Select(p => KeyValuePair.Create(p[0].Trim(), p.Length > 1 ? p[1].Trim() : "")).ToList()
            : [];
        return new Subscription(Query(Text(root, "criteria") ?? throw Unusable("criteria")), endpoint, Text(channel, "payload"), headers);
    }

    private static SearchQuery Query(string criteria)
    {
        var question = criteria.IndexOf('?');
        var type = question < 0 ? criteria : criteria[..question];
        if (SearchParameters.Of(type) is null) throw Unusable("criteria");
        var pairs = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(question < 0 ? "" : criteria[question..])
            .SelectMany(p => p.Value.Select(v => KeyValuePair.Create(p.Key, v ?? "")));
        try
        {
            var query = SearchQuery.Read(type, pairs, DateSearch.Supported);
            return query.Unknown.Count == 0 ? query : throw Unusable("criteria");
        }
        catch (FormatException)
        {
            throw Unusable("criteria");
        }
    }

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static FhirRefusal Unusable(string element) => new(422, "not-supported", $"Subscription.{element} cannot be served here.");
}
