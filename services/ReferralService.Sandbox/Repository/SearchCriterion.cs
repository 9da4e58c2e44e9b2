namespace ReferralService.Sandbox.Repository;

/// <param name="System">Of a token: null for any, empty for none.</param>
internal readonly record struct SearchValue(string? Prefix, string? System, string? Text, DateRange? Range);

/// <summary>One parameter of a search: any of its values will do.</summary>
/// <param name="Missing">Set for <c>:missing</c>, which has no values.</param>
internal sealed record SearchCriterion(SearchParameter Parameter, IReadOnlyList<SearchValue> Values, bool? Missing)
{
    public static readonly SearchParameter IdParameter = new("_id", SearchKind.Token);
    public static readonly SearchParameter LastUpdatedParameter = new("_lastUpdated", SearchKind.Date);

    public string Name => Parameter.Name;

    public bool Matches(StoredResource resource)
    {
        if (ReferenceEquals(Parameter, IdParameter)) return Missing is not true && (Missing is false || Values.Any(v => v.Text == resource.Id));
        if (ReferenceEquals(Parameter, LastUpdatedParameter))
        {
            var updated = new DateRange(resource.LastUpdated, resource.LastUpdated + TimeSpan.FromMilliseconds(1));
            return Missing is not true && (Missing is false || Values.Any(v => updated.Matches(v.Prefix!, v.Range!.Value)));
        }
        var any = false;
        foreach (var indexed in resource.Index)
        {
            if (!ReferenceEquals(indexed.Parameter, Parameter)) continue;
            any = true;
            if (Missing is null && Values.Any(v => Matches(indexed, v))) return true;
        }
        return Missing == !any;
    }

    private bool Matches(IndexedValue indexed, SearchValue value) => Parameter.Kind switch
    {
        SearchKind.Date => indexed.Range is { } range && range.Matches(value.Prefix!, value.Range!.Value),
        SearchKind.Reference => indexed.Text is { } text
            && (value.Text!.Contains('/') ? text == SearchIndex.TypeAndId(value.Text) : text.EndsWith("/" + value.Text, StringComparison.Ordinal)),
        _ => (value.System is null || value.System == (indexed.System ?? "")) && (value.Text is { Length: 0 } || value.Text == indexed.Text),
    };
}
