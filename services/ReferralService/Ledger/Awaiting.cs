using System.Collections.Immutable;
using ReferralService.Contracts;

namespace ReferralService.Ledger;

/// <summary>Which partner an open referral waits for, and what a transition makes of since when it does. Pure.</summary>
/// <remarks>
/// A referral waits on one of two sides: the EHR's while it is gathered, the recipient's while it is delivered, or while the recipient is paused or cannot be asked.
/// It has waited since it came to its side without a break; what is set aside for a paused partner has no line that says so, and has waited since then.
/// </remarks>
/// <param name="For"><c>g:{ehr}</c> or <c>d:{recipient}</c>; null: for nobody, it rests.</param>
/// <param name="Before">For whom it waited before the transition.</param>
/// <param name="Anew">Whether it begins to wait now; else it goes on, on the same side.</param>
/// <param name="Since">When it began, if it is now.</param>
internal readonly record struct Awaiting(string? For, string? Before, bool Anew, DateTimeOffset? Since)
{
    /// <summary>Nothing of it is another than before.</summary>
    public bool IsSame => !Anew && For == Before;

    public static Awaiting Of(Referral? before, Referral after, ImmutableArray<TimelineEntry> lines)
    {
        var (last, now) = (before is null ? null : Partner(before), Partner(after));
        if (now is null)
        {
            return new(null, last, last is not null || before is null, null);
        }

        var (anew, since) = (last is null || last[0] != now[0], (DateTimeOffset?)null);
        foreach (var line in lines)
        {
            if (Side(line) != now[0])
            {
                (anew, since) = (true, null);
            }
            else if (anew)
            {
                since ??= line.At;
            }
        }

        return new(now, last, anew, anew ? since ?? after.UpdatedAt : null);
    }

    public Values AddTo(Values values)
        => values.Add("awaited_for", For).Add("awaited_since", Since).Add("awaited_before", Before).Add("awaited_anew", Anew);

    private static string? Partner(Referral row) => row.DueAt is null ? null
        : row.State is ReferralState.Packaged or ReferralState.Delivering || (IsGathered(row.State) && (IsAway(row.ErrorCode) || row.SetAsideFor?.StartsWith("recipient:", StringComparison.Ordinal) == true))
            ? $"d:{row.Recipient ?? row.RecipientAsked}" : $"g:{row.Ehr}";

    private static char Side(TimelineEntry line)
        => line.State is ReferralState.Packaged or ReferralState.Delivering || (IsGathered(line.State) && IsAway(line.ErrorCode)) ? 'd' : IsGathered(line.State) ? 'g' : ' ';

    private static bool IsGathered(ReferralState state) => state is ReferralState.Received or ReferralState.Gathering;

    private static bool IsAway(string? code) => code is ReasonCodes.RecipientUnreachable or ReasonCodes.RecipientThrottled or ReasonCodes.RecipientBusy;
}
