using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering.Plans;

/// <summary>By which plans a record was chosen, and what of theirs it has.</summary>
internal sealed record PlannedRecord(IReadOnlyList<ChosenPlan> Plans, Checklist Checklist)
{
    /// <summary>When it was judged.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>As in <see cref="ChosenPlans"/>.</summary>
    public DateTimeOffset? Diagnosed { get; init; }

    /// <summary>What the plans chose.</summary>
    public IReadOnlyList<Chosen> Included { get; init; } = [];

    /// <summary>The same, had there never been more than what is carried.</summary>
    public PlannedRecord HadThereBeenOnly(IReadOnlySet<ResourceKey> carried)
    {
        if (Included.All(i => carried.Contains(i.Facts.Key) && i.Images.All(carried.Contains))) return this;
        var judge = new RelevanceJudge(Plans, At, Diagnosed);
        foreach (var (facts, images) in Included.Where(i => carried.Contains(i.Facts.Key))) judge.See(images.Any(carried.Contains) ? facts with { HasImages = true } : facts);
        return this with { Checklist = Checklist.Of(Plans, judge) };
    }

    /// <param name="Facts">What it says itself.</param>
    /// <param name="Images">Studies that belong to it, though it does not refer to them.</param>
    internal sealed record Chosen(RelevanceFacts Facts, IReadOnlyList<ResourceKey> Images);
}
