using System.Collections.Immutable;

namespace ReferralService.Ledger;

/// <summary>What one transaction writes of a referral: its next row and the lines that go with it.</summary>
internal sealed record Transition(Referral After, ImmutableArray<TimelineEntry> Entries)
{
    /// <summary>Nothing changes; nothing is written.</summary>
    public static Transition None(Referral referral) => new(referral, []);
}

/// <summary>What a decision over all referrals of one order (or one referral) wants written, in one transaction, and its answer.</summary>
/// <param name="Answer">Given to the caller once the transaction is durable.</param>
/// <param name="Created">New referrals with their first lines.</param>
/// <param name="Changed">Transitions of rows that the decision was given.</param>
internal sealed record Decision<T>(T Answer, ImmutableArray<Transition> Created, ImmutableArray<Transition> Changed)
{
    public static Decision<T> Only(T answer) => new(answer, [], []);
}
