using ReferralService.Ledger;

namespace ReferralService.Ops.Pages.Referrals;

/// <summary>How long a referral has been put off for the reason it has now.</summary>
/// <param name="Since">When it was for the first time.</param>
/// <param name="Times">How often, the first included.</param>
public sealed record Lateness(DateTimeOffset Since, int Times)
{
    /// <param name="lines">Its whole timeline, in order.</param>
    /// <param name="code">The reason it has now; null: none.</param>
    /// <returns>Null: it was not put off for it, or not since somebody set it going again.</returns>
    internal static Lateness? Of(IReadOnlyList<TimelineEntry> lines, string? code)
    {
        var run = lines.Reverse().TakeWhile(line => line.Event != "retried" && (line.ErrorCode is null || line.ErrorCode == code))
            .Where(line => line.Event == "deferred" && line.ErrorCode is not null).ToList();
        return run.Count == 0 ? null : new(run[^1].At, run.Count);
    }
}
