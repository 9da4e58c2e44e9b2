using System.Text.Json;

namespace ReferralService.Sandbox.Repository;

/// <summary>One searchable value of a resource.</summary>
/// <param name="Text">Code, identifier value or reference as written.</param>
internal readonly record struct IndexedValue(SearchParameter Parameter, string? System, string? Text, DateRange? Range);

/// <summary>Takes the searchable values out of a resource's top-level elements; nothing else of it is parsed.</summary>
internal static class SearchIndex
{
    public static IndexedValue[] Of(string type, ReadOnlyMemory<byte> resource, IReadOnlyList<JsonMember> members)
    {
        var values = new List<IndexedValue>();
        foreach (var parameter in SearchParameters.Of(type) ?? [])
        {
            foreach (var member in members.Where(m => parameter.Elements.Contains(m.Name)))
            {
                using var element = JsonDocument.Parse(resource.Slice(member.Start, member.Length));
                Add(values, parameter, element.RootElement);
            }
        }
        return [.. values];
    }

    /// <summary><c>Type/id</c> of a relative, absolute or versioned reference; other text as it is.</summary>
    public static string TypeAndId(string reference)
    {
        var history = reference.IndexOf("/_history/", StringComparison.Ordinal);
        var parts = (history < 0 ? reference : reference[..history]).Split('/');
        return parts.Length < 2 ? reference : $"{parts[^2]}/{parts[^1]}";
    }

    private static void Add(List<IndexedValue> values, SearchParameter parameter, JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray()) Add(values, parameter, item);
            return;
        }
        switch (parameter.Kind)
        {
            case SearchKind.Reference when Text(element, "reference") is { } reference:
                values.Add(new IndexedValue(parameter, null, TypeAndId(reference), null));
                break;
            case SearchKind.Date when element.ValueKind == JsonValueKind.String && DateRange.Parse(element.GetString()!) is { } range:
                values.Add(new IndexedValue(parameter, null, null, range));
                break;
            case SearchKind.Date when element.ValueKind == JsonValueKind.Object:
                values.Add(new IndexedValue(parameter, null, null, Period(element)));
                break;
            case SearchKind.Token:
                AddToken(values, parameter, element);
                break;
        }
    }

    private static void AddToken(List<IndexedValue> values, SearchParameter parameter, JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                values.Add(new IndexedValue(parameter, null, element.GetString(), null));
                break;
            case JsonValueKind.True or JsonValueKind.False:
                values.Add(new IndexedValue(parameter, null, element.GetBoolean() ? "true" : "false", null));
                break;
            case JsonValueKind.Object when element.TryGetProperty("coding", out var codings):
                foreach (var coding in codings.EnumerateArray()) AddToken(values, parameter, coding);
                break;
            case JsonValueKind.Object when (Text(element, "code") ?? Text(element, "value")) is { } text:
                // Few systems, many resources: one string each.
                values.Add(new IndexedValue(parameter, Text(element, "system") is { } system ? string.Intern(system) : null, text, null));
                break;
        }
    }

    private static DateRange Period(JsonElement period) => new(
        Text(period, "start") is { } start ? DateRange.Parse(start)?.Start ?? DateTimeOffset.MinValue : DateTimeOffset.MinValue,
        Text(period, "end") is { } end ? DateRange.Parse(end)?.End ?? DateTimeOffset.MaxValue : DateTimeOffset.MaxValue);

    private static string? Text(JsonElement element, string name)
        => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
