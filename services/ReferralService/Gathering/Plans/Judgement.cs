namespace ReferralService.Gathering.Plans;

/// <summary>Whether a resource belongs to the referral by its plans. Closed.</summary>
/// <remarks>It speaks only of what searches found. What the order names is sent because the order names it.</remarks>
internal abstract record Judgement
{
    private Judgement() { }

    /// <param name="Rules">Of every item that wants it, sorted: <c>plan:urology-psa/psa-series</c>.</param>
    public sealed record Include(IReadOnlyList<string> Rules) : Judgement;

    /// <param name="Reason">Of <see cref="LeftOut"/> or <see cref="GapReason"/>.</param>
    /// <param name="Rule">The item that came nearest to wanting it or that keeps it back; <c>plan:general,urology-psa</c> where none knows its kind.</param>
    public sealed record LeaveOut(string Reason, string Rule) : Judgement;
}

/// <summary>The reasons that plans add to those of <see cref="GapReason"/>.</summary>
internal static class LeftOut
{
    /// <summary>No item of the plans asks for its kind.</summary>
    public const string NotRelevant = "not-relevant";

    /// <summary>Newer ones of its kind are as many as the plan wants.</summary>
    public const string BeyondLastN = "beyond-last-n";

    /// <summary>A plan keeps its kind back.</summary>
    public const string MustNotSend = "must-not-send";
}
