using System.Collections.Immutable;
using ReferralService.Contracts;

namespace ReferralService.Ledger.Transitions;

/// <summary>What one referral is (interfaces §3): which of an order's referrals a request joins, and when a new one comes to be. Pure.</summary>
internal static class JoinRules
{
    /// <summary>A submit. With a recipient it joins the referral that has it, else one without recipient that is not yet packaged (and sets it), else creates one; without, it joins what there is.</summary>
    public static Decision<Referral> Submit(
        ImmutableArray<Referral> ofTheOrder, Uri ehrBase, string ehr, string orderId, string? recipient, string? traceParent, DateTimeOffset now)
    {
        if (recipient is null)
        {
            return ofTheOrder.Length > 0
                ? Decision<Referral>.Only(ofTheOrder.MinBy(r => r.Number)!)
                : Created(ReferralTransitions.Create(ehrBase, ehr, orderId, null, traceParent, now));
        }

        if (Having(ofTheOrder, recipient) is { } joined)
        {
            return Decision<Referral>.Only(joined);
        }

        if (ofTheOrder.FirstOrDefault(r => TakesRecipient(r)) is { } open)
        {
            var transition = open.State == ReferralState.Held && ReferralTransitions.Retry(open, recipient, now) is Verdict.Allowed resumed
                ? resumed.Transition
                : new Change(open, now).To(r => r with { Recipient = recipient, RecipientGiven = true }).Note("recipient-set").Done();
            return new Decision<Referral>(transition.After, [], [transition]);
        }

        return Created(ReferralTransitions.Create(ehrBase, ehr, orderId, recipient, traceParent, now));
    }

    /// <summary>A notification or poll whose order was read and matches: each referral of the order hears of the version; one is created only when there is none.</summary>
    public static Decision<string> Notice(
        ImmutableArray<Referral> ofTheOrder, Uri ehrBase, string ehr, string orderId, string? version, string? traceParent, DateTimeOffset now)
    {
        if (ofTheOrder.IsEmpty)
        {
            return new Decision<string>("created", [ReferralTransitions.Create(ehrBase, ehr, orderId, null, traceParent, now)], []);
        }

        return new Decision<string>("joined", [], Moved(ofTheOrder.Select(r => ReferralTransitions.Move(r, version, now))));
    }

    /// <summary>The same of an order that may be acted on but does not match the criteria: they say which orders become referrals, not what those that exist hear of.</summary>
    /// <returns>False: there are none, and none is created.</returns>
    public static Decision<bool> NoticeUnmatched(ImmutableArray<Referral> ofTheOrder, string? version, DateTimeOffset now)
        => new(!ofTheOrder.IsEmpty, [], Moved(ofTheOrder.Select(r => ReferralTransitions.Move(r, version, now))));

    /// <summary>The order is revoked: each of its referrals hears of it.</summary>
    public static Decision<string> Revoked(ImmutableArray<Referral> ofTheOrder, DateTimeOffset now)
        => new("revoked", [], Moved(ofTheOrder.Select(r => ReferralTransitions.Revoke(r, now)).OfType<Verdict.Allowed>().Select(v => v.Transition)));

    /// <summary>An operator's retry; a recipient that another referral of the order has is refused.</summary>
    public static Verdict Retry(ImmutableArray<Referral> ofTheOrder, ReferralId id, string? recipient, DateTimeOffset now)
    {
        if (ofTheOrder.FirstOrDefault(r => r.Id == id) is not { } mine)
        {
            return new Verdict.Refused(ReasonCodes.NotFound, "There is no referral with this id.");
        }

        return recipient is not null && ofTheOrder.Any(r => r.Id != id && Has(r, recipient))
            ? new Verdict.Refused(ReasonCodes.RecipientTaken, "Another referral of this order goes to that recipient.")
            : ReferralTransitions.Retry(mine, recipient, now);
    }

    /// <summary>The order's performer was found to be <paramref name="recipient"/>: settled on the referral, unless another of the order has it.</summary>
    /// <param name="fence">Of the step that found it; a lost lease settles nothing.</param>
    /// <returns>Null when settled; else <c>lease-lost</c> (also when a person has named a recipient meanwhile: the step is to begin again) or <c>recipient-taken</c>.</returns>
    public static Decision<string?> Settle(ImmutableArray<Referral> ofTheOrder, ReferralId id, long fence, string recipient, DateTimeOffset now)
    {
        if (ofTheOrder.FirstOrDefault(r => r.Id == id) is not { } mine || mine.Fence != fence || mine.RecipientGiven)
        {
            return Decision<string?>.Only(ReasonCodes.LeaseLost);
        }

        return ofTheOrder.Any(r => r.Id != id && Has(r, recipient))
            ? Decision<string?>.Only(ReasonCodes.RecipientTaken)
            : new Decision<string?>(null, [], [new Change(mine, now).To(r => r with { Recipient = recipient }).Done()]);
    }

    /// <summary>The referral of this order that goes, or went, to a recipient.</summary>
    public static Referral? Having(ImmutableArray<Referral> ofTheOrder, string recipient) => ofTheOrder.FirstOrDefault(r => Has(r, recipient));

    private static bool Has(Referral referral, string recipient) => referral.RecipientAsked == recipient || referral.Recipient == recipient;

    private static bool TakesRecipient(Referral referral) => referral is { RecipientAsked: null, Recipient: null, PackageId: null }
        && referral.State is ReferralState.Received or ReferralState.Gathering or ReferralState.Held;

    private static Decision<Referral> Created(Transition created) => new(created.After, [created], []);

    private static ImmutableArray<Transition> Moved(IEnumerable<Transition> transitions) => [.. transitions.Where(t => !t.Entries.IsEmpty || t.After.OrderNoticed is not null)];
}
