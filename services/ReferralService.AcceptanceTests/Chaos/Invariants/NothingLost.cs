namespace ReferralService.AcceptanceTests.Chaos.Invariants;

/// <summary>I1: every order that the EHR has and that was told of, or that the poll must find, ends delivered, and the consultant has it. Held is not lost, but is said.</summary>
internal sealed class NothingLost : Invariant
{
    public override string Name => "I1";

    public override IEnumerable<Observation> Observed(Evidence evidence)
    => [new Observation(evidence.Orders.Count(o => o.Wanted), "orders")];

    public override IEnumerable<string> Breaches(Evidence evidence)
    {
        var referrals = evidence.Referrals.ToLookup(r => r.Order);
        var effects = evidence.Effects.Where(e => e.Order is not null).Select(e => (e.Consultant, e.Order)).ToHashSet();
        var told = evidence.Triggers.Select(t => t.Order).ToHashSet();
        foreach (var order in evidence.Orders.Where(o => o.Wanted))
        {
            var how = told.Contains(order.Order) ? "an accepted trigger" : "only the poll";
            var mine = referrals[order.Order].ToList();
            if (mine.Count == 0)
            {
                yield return $"{order.Order}: {how} told of it, and the ledger has no referral";
            }

            foreach (var referral in mine.Where(r => r.State is not "delivered"))
            {
                yield return $"{order.Order}: {how} told of it, and its referral is {referral.State} {referral.ErrorCode}";
            }

            if (mine.Exists(r => r.State == "delivered") && !effects.Contains((order.Recipient, order.Order)))
            {
                yield return $"{order.Order}: delivered says the ledger, and {order.Recipient} does not have it";
            }
        }
    }
}
