using ReferralService.Ledger;
using ReferralService.Ledger.Transitions;

namespace ReferralService.Ops.Pages.Referrals;

/// <summary>What can be done to a referral, asked of the transitions themselves: what is offered is what would be done, and what would be refused says why.</summary>
internal static class ReferralOffers
{
    /// <param name="configured">Names under Recipients.</param>
    public static IReadOnlyList<ReferralOffer> Of(Referral row, IEnumerable<string> configured, DateTimeOffset now)
    {
        var others = configured.Where(name => name != row.Recipient).Order(StringComparer.Ordinal).ToList();
        var offers = new List<ReferralOffer>();
        offers.Add(ReferralTransitions.Retry(row, null, now) switch
        {
            Verdict.Allowed { Transition: var next } => new("retry", "Retry", Retried(row, next.After), row.PackageId is null ? others : [], false, null),
            Verdict.Refused refused => new("retry", "Retry", "", [], false, refused.Message),
            _ => throw new InvalidOperationException("A verdict is one of two."),
        });
        offers.Add(ReferralTransitions.Cancel(row, now) switch
        {
            Verdict.Allowed { Transition: { Entries.IsEmpty: true } } => new("cancel", "Cancel", "", [], false, row.State == ReferralState.Cancelled ? "It is cancelled." : "A cancel is waiting already."),
            Verdict.Allowed { Transition.After.State: ReferralState.Cancelled } => new("cancel", "Cancel", "Nothing more is sent. A cancelled referral is not taken up again from here; the order can be submitted anew with another recipient.", [], false, null),
            Verdict.Allowed => new("cancel", "Cancel", "An attempt is under way, or may have landed. If it turns out that it did not, the referral is cancelled; if it did, it is delivered.", [], false, null),
            Verdict.Refused refused => new("cancel", "Cancel", "", [], false, refused.Message),
            _ => throw new InvalidOperationException("A verdict is one of two."),
        });
        // One that has no recipient yet would get this one (JoinRules.Submit); that is what its retry is for.
        if (others.Count > 0 && (row.PackageId is not null || row.Recipient is not null))
        {
            offers.Add(new(
                "forward", "Send to another recipient",
                "The order is submitted again for that recipient: it gets a referral of its own, gathered afresh, unless there is one already. This one stays as it is.", others, true, null));
        }

        return offers;
    }

    private static string Retried(Referral row, Referral after) => after switch
    {
        _ when after.State == row.State && !row.State.IsResting() => "It is taken up at once, instead of at its next try. Nothing else changes.",
        { ResendAnyway: true } => "The recipient is asked once more whether it has the package; where that cannot be told, the same package is sent again, and the recipient may then have it twice. Ask the recipient first.",
        { State: ReferralState.Delivering } => "The recipient is asked first whether it has the package; it is sent only if not.",
        { State: ReferralState.Packaged } => "The same package is sent again, byte for byte. Attempts and the deadline begin anew.",
        _ => "The order is read and its record gathered again, and a new package is made. Attempts and deadlines begin anew.",
    };
}
