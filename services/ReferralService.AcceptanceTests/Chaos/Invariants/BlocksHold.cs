namespace ReferralService.AcceptanceTests.Chaos.Invariants;

/// <summary>I12, as far as the product has the parts: an order that is none to act on is never sent, however often it is told of. (Consent and labels are not built yet.)</summary>
internal sealed class BlocksHold : Invariant
{
    public override string Name => "I12";

    public override IEnumerable<Observation> Observed(Evidence evidence)
    => [new Observation(evidence.Orders.Count(o => !o.Wanted), "drafts")];

    public override IEnumerable<string> Breaches(Evidence evidence)
    {
        var blocked = evidence.Orders.Where(o => !o.Wanted).Select(o => o.Order).ToHashSet();
        return evidence.Effects.Where(e => e.Order is not null && blocked.Contains(e.Order)).Select(e => $"{e.Order} is a draft, and {e.Consultant} has it");
    }
}
