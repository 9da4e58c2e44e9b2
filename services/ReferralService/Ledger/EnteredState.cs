using System.Collections.Immutable;

namespace ReferralService.Ledger;

/// <summary>Which referrals a transaction brought into another state, or put off in theirs for another try: what <c>referrals_total</c> counts, once it is durable.</summary>
internal static class EnteredState
{
    public static IReadOnlyList<Referral> Of<T>(ImmutableArray<Referral> before, Decision<T> decision)
        => [.. decision.Created.Select(created => created.After), .. decision.Changed.Where(changed => IsNew(before.FirstOrDefault(r => r.Id == changed.After.Id), changed.After)).Select(changed => changed.After)];

    /// <summary>A step that ends as it was, with a code, was put off.</summary>
    public static bool IsNew(Referral? before, Referral after)
        => before is null || before.State != after.State || (after.ErrorCode is not null && (after.ErrorCode != before.ErrorCode || after.Sequence != before.Sequence));

    public static void Count(IReadOnlyList<Referral> entered)
    {
        foreach (var referral in entered) Measures.Entered(referral.State.Name(), referral.ErrorCode);
    }
}
