namespace ReferralService.Gathering.Plans;

/// <summary>How near one item came to wanting one resource, from furthest to nearest.</summary>
internal enum Nearness
{
    NotCurrent,
    OutsideWindow,

    /// <summary>Wanted, unless newer ones push it out.</summary>
    Wanted,
}

/// <param name="Item">Its place among the judge's items.</param>
/// <param name="Group">See <see cref="PlanItem.IsOfKind"/>.</param>
internal readonly record struct Hit(int Item, string Group, Nearness Nearness);

/// <summary>What a first look at a resource gave: all that is kept of it until everything was seen.</summary>
/// <param name="Barred">Why it travels in no case; else null.</param>
internal sealed record Sighting(Rank Rank, IReadOnlyList<Hit> Hits, Judgement.LeaveOut? Barred);
