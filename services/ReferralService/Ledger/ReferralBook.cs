using System.Collections.Immutable;

namespace ReferralService.Ledger;

/// <summary>Which rows a decision is about and is serialized with: all referrals of one order, or the one referral and those of its order.</summary>
internal abstract record DecisionScope
{
    private DecisionScope() { }

    public sealed record Order(string Ehr, string OrderId) : DecisionScope;

    public sealed record One(ReferralId Id) : DecisionScope;
}

/// <summary>A command's id and the SHA-256 of its body: what makes it idempotent.</summary>
internal readonly record struct CommandKey(string Id, string BodySha256);

/// <summary>What became of a command: the answer of the first time, or the refusal of an id used for another body.</summary>
internal abstract record CommandReceipt
{
    private CommandReceipt() { }

    public sealed record Answered(string AnswerJson, bool FirstTime) : CommandReceipt;

    public sealed record IdReused : CommandReceipt;
}

/// <summary>A due referral that the dispatcher has leased; a wake-up carries id and fence.</summary>
internal sealed record ClaimedReferral(ReferralId Id, long Fence, ReferralState State, string Ehr, string? Recipient, int Crashes);

/// <summary>How many more of what may be claimed now: the dispatcher's free places.</summary>
/// <param name="Most">In all.</param>
/// <param name="Lease">How long the claim holds until the step begins.</param>
/// <param name="FullEhrs">EHRs with no free place: their gathering rows are left.</param>
/// <param name="FullRecipients">Recipients with no free place: their delivery rows are left.</param>
internal sealed record ClaimLimits(int Most, TimeSpan Lease, IReadOnlyCollection<string> FullEhrs, IReadOnlyCollection<string> FullRecipients);

/// <summary>Rows under a running lease.</summary>
internal sealed record LeasedCounts(IReadOnlyDictionary<string, int> ByEhr, IReadOnlyDictionary<string, int> ByRecipient);

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

/// <summary>The referrals: creation, decisions, steps under lease, reading.</summary>
internal sealed class ReferralBook
{
    /// <summary>Reads the rows of <paramref name="scope"/>, lets <paramref name="decide"/> choose, writes its choice; one transaction, serialized with every other decision on the same order.</summary>
    /// <remarks><paramref name="decide"/> is pure and may be called again after a conflict. An empty list means there are none.</remarks>
    public Task<T> DecideAsync<T>(DecisionScope scope, Func<ImmutableArray<Referral>, Decision<T>> decide, CancellationToken cancellationToken)
        => throw new NotImplementedException();

    /// <summary>The same for a command: in the same transaction its id and answer are kept, so that its repetition gets the first answer.</summary>
    public Task<CommandReceipt> DecideCommandAsync(
        CommandKey command, DecisionScope scope, Func<ImmutableArray<Referral>, Decision<string>> decide, CancellationToken cancellationToken)
        => throw new NotImplementedException();

    /// <summary>Leases due rows, oldest first: fence + 1, lease until now + Lease. A row whose step had begun under a lease that ran out gets one crash more.</summary>
    public Task<IReadOnlyList<ClaimedReferral>> ClaimDueAsync(ClaimLimits limits, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Takes over a claimed row to work on it: fence + 1 (so that a doubled wake-up finds nothing), Working, lease, and the state that working means. Null: nothing to do.</summary>
    public Task<Referral?> BeginAsync(ReferralId id, long fence, TimeSpan lease, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Extends the lease of the holder. False: it is lost.</summary>
    public Task<bool> RenewAsync(ReferralId id, long fence, TimeSpan lease, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Writes a step's transition if <paramref name="known"/>'s fence still holds; a row changed meanwhile under the same fence (a cancel noted) is read again and <paramref name="apply"/> called again.</summary>
    /// <param name="keepLease">Whether the holder goes on working; else Working and the lease are cleared.</param>
    /// <returns>The row written, or null: the lease is lost, nothing was written.</returns>
    public Task<Referral?> AdvanceAsync(Referral known, Func<Referral, Transition> apply, TimeSpan? keepLease, CancellationToken cancellationToken)
        => throw new NotImplementedException();

    /// <summary>Gives a claimed or begun row back unchanged: due at <paramref name="dueAt"/>, no crash counted.</summary>
    public Task ReleaseAsync(ReferralId id, long fence, DateTimeOffset dueAt, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task<Referral?> FindAsync(ReferralId id, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task<ImmutableArray<Referral>> ListAsync(ReferralQuery query, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Events and notes in the order written.</summary>
    public Task<ImmutableArray<TimelineEntry>> TimelineAsync(ReferralId id, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Distinct order ids of an EHR's referrals that are still open (not resting, or held): the sweep reads them again.</summary>
    public Task<ImmutableArray<string>> OpenOrdersAsync(string ehr, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Earliest DueAt of the rows that wait, by recipient; for /api/partners.</summary>
    public Task<IReadOnlyDictionary<string, DateTimeOffset>> OldestWaitingAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>How many rows hold a running lease now, by EHR (received, gathering) and by recipient (packaged, delivering): all replicas' together.</summary>
    public Task<LeasedCounts> LeasedAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>When the earliest row falls due (leases counted); null when none waits.</summary>
    public Task<DateTimeOffset?> NextDueAsync(CancellationToken cancellationToken) => throw new NotImplementedException();
}
