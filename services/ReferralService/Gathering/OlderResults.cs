using System.Globalization;
using ReferralService.Gathering.Plans;

namespace ReferralService.Gathering;

/// <summary>What record plans want from before the look-back, as an EHR can be asked for it.</summary>
internal sealed class OlderResults(TypeSearch search, DateTimeOffset before)
{
    /// <summary>Longer addresses are cut or refused by proxies.</summary>
    private const int MostCodes = 40;

    /// <summary>Of hits that were asked for by more than the look-back.</summary>
    public Sieve Sieve { get; } = new() { NotBefore = search.Earliest };

    /// <summary>By date: <c>&amp;date=lt2024-11-22&amp;date=ge2016-11-22</c>.</summary>
    public string Window { get; } = $"&date=lt{Day(before)}{(search.Earliest is { } first ? $"&date=ge{Day(first)}" : "")}";

    /// <summary>By codes and by categories: all of them together are what is wanted.</summary>
    public IReadOnlyList<string> Filters { get; } = [.. Tokens("code", search.Codes), .. Tokens("category", search.Categories)];

    /// <summary>Codes without their systems: records name one system in several ways, and what comes is looked at again.</summary>
    private static IEnumerable<string> Tokens(string parameter, IReadOnlyList<PlanCode> codes) => codes
        .Select(c => c.Code).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
        .Chunk(MostCodes).Select(some => $"&{parameter}={string.Join(',', some.Select(Token))}");

    /// <summary>R4 (search.html, escaping): a backslash stands before what else would separate.</summary>
    private static string Token(string code) => Uri.EscapeDataString(string.Concat(code.Select(c => c is '\\' or ',' or '|' or '$' ? $"\\{c}" : $"{c}")));

    private static string Day(DateTimeOffset day) => day.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
