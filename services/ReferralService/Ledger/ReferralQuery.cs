namespace ReferralService.Ledger;

/// <summary>Filters of the list, all optional; newest first.</summary>
internal sealed record ReferralQuery
{
    public ReferralState? State { get; init; }
    public string? Ehr { get; init; }
    public string? Recipient { get; init; }
    public DateTimeOffset? UpdatedSince { get; init; }

    /// <summary>1 to 200.</summary>
    public int Limit { get; init; } = 50;

    /// <summary>Only rows numbered below this.</summary>
    public long? Before { get; init; }
}
