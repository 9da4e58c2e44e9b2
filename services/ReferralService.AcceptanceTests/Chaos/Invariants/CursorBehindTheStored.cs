namespace ReferralService.AcceptanceTests.Chaos.Invariants;

/// <summary>I5: the poll's cursor never passes an order that is not stored.</summary>
internal sealed class CursorBehindTheStored : Invariant
{
    public override string Name => "I5";

    public override IEnumerable<Observation> Observed(Evidence evidence)
    => [new Observation(evidence.Cursors.Count(reading => evidence.Orders.Any(o => o.Wanted && o.At < reading.Cursor)), "readings of a cursor that had passed orders")];

    public override IEnumerable<string> Breaches(Evidence evidence)
    {
        foreach (var reading in evidence.Cursors)
        {
            foreach (var order in evidence.Orders.Where(o => o.Wanted && o.At < reading.Cursor && !reading.Known.Contains(o.Order)))
            {
                yield return $"the cursor stood at {reading.Cursor:O}, behind {order.Order} of {order.At:O}, which the ledger did not have";
            }
        }
    }
}
