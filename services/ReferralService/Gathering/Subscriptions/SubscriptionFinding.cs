namespace ReferralService.Gathering.Subscriptions;

/// <summary>What a check did at the EHR.</summary>
internal enum SubscriptionAct { None, Created, Updated, Renewed, Repaired }

/// <summary>What a check of an EHR's subscription came to.</summary>
/// <param name="ResourceId">Null while there is none, or its id is not known yet.</param>
/// <param name="Status">As read, or as asked for where it was written just now.</param>
/// <param name="Code">Why it did not work, of Contracts.ReasonCodes; null when it did, or was not there yet.</param>
/// <param name="Duplicates">Others of ours that were deleted.</param>
/// <param name="RetryAfter">When the EHR said when.</param>
internal sealed record SubscriptionFinding(string? ResourceId, string Status, string? Code, SubscriptionAct Act, int Duplicates = 0, TimeSpan? RetryAfter = null)
{
    /// <summary>Nothing had to be done, and nothing is waited for.</summary>
    public bool Works => Code is null && Act == SubscriptionAct.None && Status == "active";
}
