namespace ReferralService.Gathering.Plans;

internal enum PlanStatus
{
    /// <summary>In use, and not yet reviewed by a clinician of the house: its policy must be to send.</summary>
    Draft,
    Active,

    /// <summary>Never chosen: how an operator switches a shipped plan off.</summary>
    Retired,
}

/// <summary>What becomes of a referral whose record lacks what the plan must have.</summary>
internal enum WhenMissing
{
    /// <summary>It is sent, and the manifest says what is missing.</summary>
    Send,

    /// <summary>It is held (<c>record-incomplete</c>) until the clinic has added it.</summary>
    Hold,
}

/// <summary>A clinical source a plan was written by.</summary>
internal sealed record PlanSource(string Title, string Publisher, int Year, Uri Url);

/// <summary>Which records belong to a referral of one kind: data, written by clinicians (docs/plans.md, plan.schema.json).</summary>
/// <param name="Includes">Ids of plans whose items belong to this one too.</param>
/// <param name="Trigger">Null: never chosen by an order, only by inclusion or as the fallback.</param>
internal sealed record RecordPlan(
    string Id,
    PlanVersion Version,
    string Title,
    PlanStatus Status,
    IReadOnlyList<PlanSource> Sources,
    IReadOnlyList<string> Includes,
    Trigger? Trigger,
    IReadOnlyList<PlanItem> Items,
    WhenMissing WhenMissing)
{
    /// <summary>Of the plan that takes an order no other plan knows.</summary>
    public const string Fallback = "general";

    /// <summary>What every plan file says word for word, so that nobody takes it for approved.</summary>
    public const string ReviewSentence = "A clinician must review this plan before it is used for patients.";
}
