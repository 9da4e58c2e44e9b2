using ReferralService.Fhir.Errors;

namespace ReferralService.Delivery;

/// <summary>Issue types a recipient answered with, reduced to R4's own list (valueset issue-type): a word of the server's choosing never leaves this room.</summary>
internal static class IssueCodes
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

    public static bool IsError(OutcomeIssue issue) => issue.Severity is "error" or "fatal";
}
