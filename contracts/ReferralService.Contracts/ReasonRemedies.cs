using System.Collections.Frozen;

namespace ReferralService.Contracts;

/// <summary>For every code: what it means, what happens by itself, what to do. The runbook's tables are generated from this list, and a test holds it to <see cref="ReasonCodes.All"/>.</summary>
public static class ReasonRemedies
{
    /// <summary>One for each code, in the order of the runbook.</summary>
    public static IReadOnlyList<ReasonRemedy> All { get; } =
        [.. HeldRemedies.All, .. WithheldRemedies.All, .. WaitingRemedies.All, .. AnswerRemedies.All];

    private static readonly FrozenDictionary<string, ReasonRemedy> ByCode = All.ToFrozenDictionary(remedy => remedy.Code, StringComparer.Ordinal);

    /// <summary>Null for a code that this build does not know: one of a newer build, or of the broker's.</summary>
    public static ReasonRemedy? Of(string? code) => code is null ? null : ByCode.GetValueOrDefault(code);
}
