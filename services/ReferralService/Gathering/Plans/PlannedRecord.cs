namespace ReferralService.Gathering.Plans;

/// <summary>By which plans a record was chosen, and what of theirs it has.</summary>
internal sealed record PlannedRecord(IReadOnlyList<ChosenPlan> Plans, Checklist Checklist);
