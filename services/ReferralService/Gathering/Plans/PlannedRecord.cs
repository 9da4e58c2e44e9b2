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

    /// <summary>Documents of which newer ones go, by old one.</summary>
    public IReadOnlyList<Replacement> Replaced { get; init; } = [];

    /// <summary>The same, had there never been more than what is carried.</summary>
    /// <param name="read">What a resource says itself: read again, since a record of fifty thousand results must not be kept twice.</param>
    public PlannedRecord HadThereBeenOnly(IReadOnlySet<ResourceKey> carried, Func<ResourceKey, RelevanceFacts> read)
    {
        if (Included.All(i => carried.Contains(i.Key) && i.Images.All(carried.Contains) && (i.Files?.All(carried.Contains) ?? true))) return this;
        var judge = new RelevanceJudge(Plans, At, Diagnosed);
        foreach (var chosen in Included.Where(i => carried.Contains(i.Key)))
        {
            var facts = read(chosen.Key) with { HasImages = chosen.Key.Type == ImageEvidence.Study || chosen.Images.Any(carried.Contains) };
            if (chosen.Files is { } files) facts = facts with { HasFile = files.Any(carried.Contains) };
            judge.See(chosen.IsReplaced ? facts with { Status = ReplacedDocuments.Status } : facts);
        }

        return this with { Checklist = Checklist.Of(Plans, judge) };
    }

    /// <param name="IsReplaced">Another document says that it replaces this one.</param>
    /// <param name="Images">Studies that came with it, or belong to it though it does not refer to them.</param>
    internal sealed record Chosen(ResourceKey Key, bool IsReplaced, IReadOnlyList<ResourceKey> Images)
    {
        /// <summary>What came of the files that it only points to; null: it has one inside, or no plan wants its files.</summary>
        public IReadOnlyList<ResourceKey>? Files { get; init; }
    }
}
