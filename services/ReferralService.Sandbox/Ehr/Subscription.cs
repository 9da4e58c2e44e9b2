using System.Globalization;
using System.Text.Json;
using ReferralService.Sandbox.Repository;
using ReferralService.Sandbox.Serving;

namespace ReferralService.Sandbox.Ehr;

/// <summary>A rest-hook Subscription: when to call, and how. Classic (R4 subscription.html), or on a topic (Subscriptions R5 Backport for R4).</summary>
/// <param name="Criteria">All must hold; on a topic its filters.</param>
/// <param name="Payload">Classic only. Null: an empty POST to the endpoint. Else the resource is PUT to {endpoint}/{type}/{id}.</param>
/// <param name="Topic">Null for a classic one.</param>
/// <param name="Heartbeat">On a topic, when asked for.</param>
/// <param name="End">When it is switched off.</param>
internal sealed record Subscription(
    IReadOnlyList<SearchQuery> Criteria, Uri Endpoint, string? Payload, IReadOnlyList<KeyValuePair<string, string>> Headers, string? Topic, TimeSpan? Heartbeat, DateTimeOffset? End)
{
    private const string Backport = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/";

    /// <summary>Null when it is switched off.</summary>
    /// <param name="topics">Canonicals of the topics offered; all are about ServiceRequests.</param>
    /// <exception cref="FhirRefusal">422 when it is not a subscription this server can serve.</exception>
    public static Subscription? Read(ReadOnlyMemory<byte> utf8, IReadOnlyList<string> topics)
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
        var criteria = Text(root, "criteria") ?? throw Unusable("criteria");
        bool onTopic = criteria.StartsWith("http", StringComparison.Ordinal);
        if (onTopic && !topics.Contains(criteria)) throw Unusable("criteria");
        IReadOnlyList<SearchQuery> queries = onTopic ? [Query("ServiceRequest"), .. Filters(root).Select(Query)] : [Query(criteria)];
        var end = Text(root, "end") is { } text ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture) : (DateTimeOffset?)null;
        return new Subscription(queries, endpoint, onTopic ? null : Text(channel, "payload"), headers, onTopic ? criteria : null, onTopic ? Period(channel) : null, end);
    }

    public bool Matches(StoredResource resource) => Criteria[0].Type == resource.Type && Criteria.All(c => c.Matches(resource));

    private static IEnumerable<string> Filters(JsonElement root)
        => !root.TryGetProperty("_criteria", out var more) ? []
            : more.GetProperty("extension").EnumerateArray().Where(e => Text(e, "url") == Backport + "backport-filter-criteria").Select(e => Text(e, "valueString")!);

    private static TimeSpan? Period(JsonElement channel)
    {
        if (!channel.TryGetProperty("extension", out var extensions)) return null;
        foreach (var extension in extensions.EnumerateArray())
        {
            if (Text(extension, "url") == Backport + "backport-heartbeat-period") return TimeSpan.FromSeconds(extension.GetProperty("valueUnsignedInt").GetInt32());
        }
        return null;
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
