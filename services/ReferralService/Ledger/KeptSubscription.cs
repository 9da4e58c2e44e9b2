namespace ReferralService.Ledger;

/// <summary>The one subscription that is kept at an EHR, as far as this side knows.</summary>
/// <param name="Kind"><c>R4</c> or <c>Topic</c>.</param>
/// <param name="ResourceId">Its id at the EHR; null before it was made or found.</param>
/// <param name="Status">requested, active, error or off as read last; <c>none</c> when there is none.</param>
/// <param name="Code">Why it does not work, of Contracts.ReasonCodes; null when it does.</param>
/// <param name="HeardAt">Last hook of any kind.</param>
/// <param name="BegunAt">When it was last written at the EHR, or found there: hearing of it could begin then.</param>
/// <param name="Tries">Checks in a row that did not find it working.</param>
internal sealed record KeptSubscription(
    string Ehr, string Kind, string? ResourceId, string Status, string? Code, SubscriptionCount Count,
    DateTimeOffset? HeardAt, DateTimeOffset? BegunAt, DateTimeOffset? CheckedAt, int Tries, long Fence)
{
    public const string NoStatus = "none";

    /// <summary>When it last gave a sign of life, or could first have given one.</summary>
    public DateTimeOffset? SignAt => HeardAt is null || BegunAt > HeardAt ? BegunAt : HeardAt;
}

/// <summary>What a check found, to be written down.</summary>
/// <param name="BegunAt">When it was written at the EHR in this check, or first found; null when neither.</param>
/// <param name="AskSweep">Hooks may have been lost: the orders are to be asked for.</param>
internal sealed record SubscriptionCheck(
    string? ResourceId, string Status, string? Code, int Tries, DateTimeOffset DueAt, DateTimeOffset? BegunAt, bool AskSweep);
