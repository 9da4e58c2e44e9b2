namespace ReferralService.Gathering.Plans;

/// <summary>A plan of the operator's folder.</summary>
/// <param name="Shipped">The version of the shipped plan in whose place it stands; null: it is a new one.</param>
internal sealed record OwnPlan(RecordPlan Plan, PlanVersion? Shipped)
{
    /// <summary>For the log: <c>urology-psa 2.0.0, active, in place of the shipped 1.1.0</c>.</summary>
    public override string ToString()
        => $"{Plan.Id} {Plan.Version}, {Plan.Status.ToString().ToLowerInvariant()}{(Shipped is { } version ? $", in place of the shipped {version}" : "")}";
}
