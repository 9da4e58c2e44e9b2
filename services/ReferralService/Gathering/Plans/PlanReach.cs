namespace ReferralService.Gathering.Plans;

/// <summary>What the chosen plans want beyond what is asked for in any case.</summary>
/// <param name="Wanted">All that they ask for, by type.</param>
/// <param name="Further">Of it, what reaches back further than the look-back.</param>
internal sealed record PlanReach(IReadOnlyDictionary<string, TypeSearch> Wanted, IReadOnlyDictionary<string, TypeSearch> Further)
{
    /// <summary>Some of it is wanted with its images: studies are searched for, since few reports name theirs.</summary>
    public bool Images { get; init; }

    /// <summary>No plan was asked.</summary>
    public static readonly PlanReach None = new(new Dictionary<string, TypeSearch>(), new Dictionary<string, TypeSearch>());

    /// <param name="firstDay">Where the look-back begins.</param>
    public static PlanReach Of(ChosenPlans chosen, DateTimeOffset now, DateTimeOffset firstDay) => new(
        PlanSearches.Of(chosen.Plans, now, chosen.Diagnosed).ToDictionary(s => s.Type, StringComparer.Ordinal),
        PlanSearches.Of(chosen.Plans, now, chosen.Diagnosed, firstDay).ToDictionary(s => s.Type, StringComparer.Ordinal))
    {
        Images = chosen.Plans.Any(p => p.Plan.Items.Any(i => i.Imaging && i.Need != Need.MustNot)),
    };
}
