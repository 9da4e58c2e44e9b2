using System.Text.RegularExpressions;

namespace ReferralService.Tests.Ops.Dashboards;

/// <summary>Which metrics and labels a PromQL expression names; as much of the language as our own rules and panels use.</summary>
internal static partial class PromQuery
{
    private static readonly string[] Words = ["or", "and", "unless", "bool", "offset", "by", "on", "without", "ignoring"];

    /// <summary>Each metric with the labels that the expression wants of it: its own matchers, and of the groupings all, since whose they are depends on the place.</summary>
    public static (IReadOnlyList<(string Metric, IReadOnlyList<string> Labels)> Selected, IReadOnlyList<string> Grouped) Read(string expression)
    {
        var selected = Selectors().Matches(expression)
            .Select(match => (match.Groups[1].Value, (IReadOnlyList<string>)[.. Matchers().Matches(match.Groups[2].Value).Select(m => m.Groups[1].Value)])).ToList();
        var grouped = Groupings().Matches(expression).SelectMany(match => match.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).ToList();
        var rest = Groupings().Replace(Ranges().Replace(Braces().Replace(Texts().Replace(expression, ""), ""), ""), " ");
        var bare = Names().Matches(rest).Select(match => match.Value).Where(name => !Words.Contains(name) && selected.TrueForAll(one => one.Item1 != name))
            .Select(name => (name, (IReadOnlyList<string>)[]));
        return ([.. selected, .. bare], grouped);
    }

    [GeneratedRegex(@"([a-z_][a-z0-9_]*)\{([^}]*)\}")]
    private static partial Regex Selectors();

    [GeneratedRegex(@"([a-z_]+)\s*(?:=~|!~|!=|=)")]
    private static partial Regex Matchers();

    [GeneratedRegex(@"\b(?:by|on|without|ignoring)\s*\(([^)]*)\)")]
    private static partial Regex Groupings();

    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex Texts();

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Braces();

    [GeneratedRegex(@"\[[^\]]*\]")]
    private static partial Regex Ranges();

    // Followed by a parenthesis it is a function.
    [GeneratedRegex(@"(?<![\w.])[a-z_][a-z0-9_]*\b(?!\s*\()")]
    private static partial Regex Names();
}
