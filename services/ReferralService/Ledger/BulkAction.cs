namespace ReferralService.Ledger;

/// <summary>One act on many referrals, on the list as it was when it was asked for (tables <c>bulk_action</c> and <c>bulk_item</c>).</summary>
internal sealed record BulkAction
{
    /// <summary>More than these are never taken at once: the oldest of what was asked for are.</summary>
    public const int MostItems = 10_000;

    /// <summary>The token of the form: whoever sends it again means the same act.</summary>
    public required Guid Id { get; init; }

    /// <summary><see cref="OperatorActs.Retry"/> or <see cref="OperatorActs.Cancel"/>, done to each.</summary>
    public required string Action { get; init; }

    /// <summary>Of a retry: to whom else; null leaves each its own.</summary>
    public string? Recipient { get; init; }

    /// <summary>Who asked for it, then who ran it.</summary>
    public required string Actor { get; init; }
    public required string Role { get; init; }
    public required BulkState State { get; init; }
    public required DateTimeOffset At { get; init; }

    /// <summary>How many it was asked for; more than are in the list when that was too many.</summary>
    public required int Matched { get; init; }
    public DateTimeOffset? BegunAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Counts claims; whoever has an older one does nothing more.</summary>
    public long Fence { get; init; }

    /// <summary>What stands in the record of the act as a whole.</summary>
    public string Act => Action == OperatorActs.Cancel ? OperatorActs.BulkCancel : OperatorActs.BulkRetry;
}

/// <summary>Previewed: nothing is done yet, perhaps never. Stopped: called off; what was done stays done.</summary>
internal enum BulkState { Previewed, Running, Done, Stopped }

/// <summary>One referral of the list.</summary>
/// <param name="Outcome">Null while nothing was done; <see cref="OperatorAction.Done"/>, <see cref="NotBegun"/>, or the code of why it was left as it is.</param>
internal sealed record BulkItem(int Position, ReferralId Referral, string? Outcome, DateTimeOffset? At)
{
    /// <summary>The act was called off before its turn came.</summary>
    public const string NotBegun = "stopped";
}
