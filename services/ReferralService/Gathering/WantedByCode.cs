using System.Text;
using ReferralService.Gathering.Plans;

namespace ReferralService.Gathering;

/// <summary>What record plans want of a type, as an EHR can be asked for it by codes and categories.</summary>
/// <param name="before">Only what is older; null: of any time.</param>
/// <param name="sieve">Of its hits; null: the search's own.</param>
internal sealed class WantedByCode(TypeSearch search, DateTimeOffset? before, Sieve? sieve)
{
    /// <summary>Longer lists make addresses that proxies cut or refuse (2 kB is the least that is met with), or that would have to go as POST, which some servers lack.</summary>
    private const int MostCodes = 40, MostCharacters = 1000;

    private IReadOnlyList<string>? _lists, _oneByOne;

    public Sieve? Sieve { get; } = sieve;

    /// <summary>By codes and by categories, in lists: all of them together are what is wanted.</summary>
    public IReadOnlyList<string> Lists => _lists ??= [.. Tokens(search.Type, search).SelectMany(t => Chunks(t.Values).Select(some => $"&{t.Parameter}={string.Join(',', some)}"))];

    /// <summary>The same for servers that take no lists.</summary>
    public IReadOnlyList<string> OneByOne => _oneByOne ??= [.. Tokens(search.Type, search).SelectMany(t => t.Values.Select(one => $"&{t.Parameter}={one}"))];

    /// <summary>Whether nothing bounds it in time.</summary>
    public bool IsOfAnyTime => before is null && search.Earliest is null;

    /// <summary>By date: <c>&amp;date=lt2024-11-22&amp;date=ge2016-11-22</c>.</summary>
    public string Window(DayForm form)
        => $"{(before is { } end ? $"&date=lt{SearchDay.Write(end, form)}" : "")}{(search.Earliest is { } first ? $"&date=ge{SearchDay.Write(first, form)}" : "")}";

    /// <summary>The parameter by which R4 searches what a resource of the type is.</summary>
    public static string CodeParameter(string type) => type switch
    {
        "DocumentReference" => "type",
        "Immunization" => "vaccine-code",
        _ => "code",
    };

    /// <summary>Codes without their systems: records name one system in several ways, and what comes is looked at again.</summary>
    private static IEnumerable<(string Parameter, IReadOnlyList<string> Values)> Tokens(string type, TypeSearch search)
    {
        yield return (CodeParameter(type), Distinct(search.Codes));
        yield return ("category", Distinct(search.Categories));
    }

    private static string[] Distinct(IReadOnlyList<PlanCode> codes) => [.. codes.Select(c => c.Code).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(Token)];

    private static IEnumerable<IReadOnlyList<string>> Chunks(IReadOnlyList<string> values)
    {
        var some = new List<string>();
        int characters = 0;
        foreach (var value in values)
        {
            if (some.Count == MostCodes || (some.Count > 0 && characters + value.Length >= MostCharacters))
            {
                yield return some;
                (some, characters) = ([], 0);
            }

            some.Add(value);
            characters += value.Length + 1;
        }

        if (some.Count > 0) yield return some;
    }

    /// <summary>R4 (search.html, escaping): a backslash stands before what else would separate.</summary>
    private static string Token(string code)
    {
        var escaped = new StringBuilder(code.Length);
        foreach (char c in code) escaped.Append(c is '\\' or ',' or '|' or '$' ? $"\\{c}" : $"{c}");
        return Uri.EscapeDataString(escaped.ToString());
    }
}
