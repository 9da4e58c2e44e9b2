namespace ReferralService.Ledger;

/// <summary>Filters of the list, all optional; newest first.</summary>
internal sealed record ReferralQuery
{
    public ReferralState? State { get; init; }

    /// <summary>Of what is under way; narrower than the states.</summary>
    public ReferralStanding? Standing { get; init; }
    public string? Ehr { get; init; }
    public string? Recipient { get; init; }

    /// <summary>Of Contracts.ReasonCodes: why it is held, failed or put off.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>Null: not looked for one by what is known of it.</summary>
    public ReferralSearch? Search { get; init; }
    public DateTimeOffset? UpdatedSince { get; init; }

    /// <summary>1 to 200.</summary>
    public int Limit { get; init; } = 50;

    /// <summary>Only rows numbered below this.</summary>
    public long? Before { get; init; }
}
