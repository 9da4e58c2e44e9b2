namespace ReferralService.Sandbox.Repository;

/// <summary>How a server treats <c>date</c> searches.</summary>
internal enum DateSearch
{
    Supported,

    /// <summary>As if the parameter were unknown: left out of the self link, or 400 under <c>handling=strict</c>.</summary>
    Ignored,

    /// <summary>400.</summary>
    Refused,
}

/// <summary>A search understood: what to match and which parameters that took, in the order given.</summary>
/// <param name="Elements">Of <c>_elements</c>; null for whole resources.</param>
internal sealed record SearchQuery(
    string Type, IReadOnlyList<SearchCriterion> Criteria, IReadOnlyList<KeyValuePair<string, string>> Understood,
    IReadOnlyList<string> Unknown, int? Count, bool? NewestFirst, IReadOnlyList<string>? Elements)
{
    private static readonly string[] DatePrefixes = ["eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"];

    /// <exception cref="FormatException">A known parameter with a value that cannot be read; the message names the parameter only.</exception>
    public static SearchQuery Read(string type, IEnumerable<KeyValuePair<string, string>> parameters, DateSearch dateSearch)
    {
        var criteria = new List<SearchCriterion>();
        var understood = new List<KeyValuePair<string, string>>();
        var unknown = new List<string>();
        int? count = null;
        bool? newestFirst = null;
        IReadOnlyList<string>? elements = null;
        foreach (var pair in parameters)
        {
            var known = true;
            switch (pair.Key)
            {
                case "_count":
                    count = int.TryParse(pair.Value, out var n) && n >= 0 ? n : throw new FormatException("_count");
                    break;
                case "_sort" when pair.Value is "_lastUpdated" or "-_lastUpdated":
                    newestFirst = pair.Value[0] == '-';
                    break;
                case "_elements":
                    elements = pair.Value.Split(',');
                    break;
                case "_format" or "_pretty" or "_total":
                    continue;
                default:
                    var criterion = Criterion(type, pair.Key, pair.Value, dateSearch);
                    if (criterion is not null) criteria.Add(criterion);
                    known = criterion is not null;
                    break;
            }
            if (known) understood.Add(pair);
            else unknown.Add(pair.Key);
        }
        return new SearchQuery(type, criteria, understood, unknown, count, newestFirst, elements);
    }

    public string? Patient => Criteria.FirstOrDefault(c => c.Name is "patient" && !c.Missing.HasValue && c.Values.Count == 1)?.Values[0].Text switch
    {
        null => null,
        var id when id.Contains('/') => SearchIndex.TypeAndId(id),
        var id => $"Patient/{id}",
    };

    public bool Matches(StoredResource resource) => Criteria.All(c => c.Matches(resource));

    private static SearchCriterion? Criterion(string type, string key, string text, DateSearch dateSearch)
    {
        var colon = key.IndexOf(':');
        var (name, modifier) = colon < 0 ? (key, null) : (key[..colon], key[(colon + 1)..]);
        var parameter = name switch
        {
            "_id" => SearchCriterion.IdParameter,
            "_lastUpdated" => SearchCriterion.LastUpdatedParameter,
            _ => SearchParameters.Of(type)?.FirstOrDefault(p => p.Name == name),
        };
        if (parameter is null) return null;
        if (parameter.Kind == SearchKind.Date && name == "date" && dateSearch != DateSearch.Supported)
            return dateSearch == DateSearch.Refused ? throw new FormatException(name) : null;
        if (modifier == "missing") return new SearchCriterion(parameter, [], text switch { "true" => true, "false" => false, _ => throw new FormatException(key) });
        var aboutType = parameter.Kind == SearchKind.Reference && modifier is { Length: > 0 } && char.IsUpper(modifier[0]) ? modifier : null;
        if (modifier is not null && aboutType is null) return null;
        return new SearchCriterion(parameter, [.. text.Split(',').Select(v => Value(parameter, aboutType is null || v.Contains('/') ? v : $"{aboutType}/{v}"))], null);
    }

    private static SearchValue Value(SearchParameter parameter, string text)
    {
        if (parameter.Kind == SearchKind.Date)
        {
            var prefix = DatePrefixes.FirstOrDefault(p => text.StartsWith(p, StringComparison.Ordinal));
            return new SearchValue(prefix ?? "eq", null, null, DateRange.Parse(text[(prefix?.Length ?? 0)..]) ?? throw new FormatException(parameter.Name));
        }
        var bar = parameter.Kind == SearchKind.Token ? text.IndexOf('|') : -1;
        return bar < 0 ? new SearchValue(null, null, text, null) : new SearchValue(null, text[..bar], text[(bar + 1)..], null);
    }
}
