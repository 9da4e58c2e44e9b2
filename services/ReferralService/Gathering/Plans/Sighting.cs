namespace ReferralService.Gathering.Plans;

/// <summary>How near one item came to wanting one resource, from furthest to nearest.</summary>
internal enum Nearness
{
    NotCurrent,
    OutsideWindow,

    /// <summary>Wanted, unless newer ones push it out.</summary>
    Wanted,
}

/// <summary>What a first look at a resource gave: all that is kept of it until everything was seen.</summary>
/// <param name="Matches">The items whose kind it is.</param>
/// <param name="Barred">Why it travels in no case; else null.</param>
internal readonly record struct Sighting(RelevanceFacts Facts, TopicMatches Matches, Judgement.LeaveOut? Barred)
{
    public Rank Rank => Rank.Of(Facts);
}
