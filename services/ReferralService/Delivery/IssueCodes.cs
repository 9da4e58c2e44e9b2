using System.Globalization;
using System.Text.RegularExpressions;
using ReferralService.Fhir.Errors;

namespace ReferralService.Delivery;

/// <summary>Issue types a recipient answered with, reduced to R4's own list (valueset issue-type): a word of the server's choosing never leaves this room.</summary>
internal static partial class IssueCodes
{
    private const string Other = "other";

    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        "invalid", "structure", "required", "value", "invariant", "security", "login", "unknown", "expired", "forbidden", "suppressed", "processing",
        "not-supported", "duplicate", "multiple-matches", "not-found", "deleted", "too-long", "code-invalid", "extension", "too-costly", "business-rule",
        "conflict", "transient", "lock-error", "no-store", "exception", "timeout", "incomplete", "throttled", "informational",
    };

    public static IReadOnlyList<string> Of(IEnumerable<OutcomeIssue> issues) => Of(issues.Where(IsError).Select(i => i.Code));

    public static IReadOnlyList<string> Of(IEnumerable<string> codes) => [.. codes.Select(c => Known.Contains(c) ? c : Other).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Which entries of the package the errors point at (their numbers from 0, as <c>Bundle.entry[n]</c>), for the timeline: of a path that the server wrote nothing else leaves this room. Null when none does.</summary>
    public static IReadOnlyDictionary<string, string>? Entries(IEnumerable<OutcomeIssue> issues)
    {
        var numbers = issues.Where(IsError).Select(i => Entry().Match(i.Expression ?? "")).Where(m => m.Success).Select(m => int.Parse(m.Groups[1].ValueSpan, CultureInfo.InvariantCulture)).Distinct().Order().Take(20);
        var text = string.Join(' ', numbers);
        return text.Length == 0 ? null : new Dictionary<string, string> { ["entries"] = text };
    }

    /// <summary>The first error: its code and, if it names one, the element that it is about, in R4's own words (<c>required Patient.birthDate</c>), by which refusals of one cause are known. Null when there is no error.</summary>
    public static string? First(IReadOnlyList<OutcomeIssue> issues)
        => issues.FirstOrDefault(IsError) is { } first ? string.Join(' ', new[] { Of([first.Code])[0], IssueElement.Of(first.Expression) }.OfType<string>()) : null;

    [GeneratedRegex(@"\ABundle\.entry\[([0-9]{1,6})\]")]
    private static partial Regex Entry();

    public static bool IsError(OutcomeIssue issue) => issue.Severity is "error" or "fatal";
}
