namespace ReferralService.Ledger;

/// <summary>The database below the books: SQLite (one writer, group commit) or PostgreSQL.</summary>
/// <remarks>
/// Work given to it may run again: after a conflict, or after a commit whose outcome never arrived. So it reads what it decides on,
/// and what it writes twice is the same as what it writes once. It awaits nothing but its session.
/// Failures of the database come out as <see cref="LedgerUnavailableException"/>; faults of ours pass as they are.
/// </remarks>
internal abstract class LedgerDatabase(Dialect sql, TimeProvider clock) : IAsyncDisposable
{
    /// <summary>The statement parts in which the two databases differ.</summary>
    public Dialect Sql { get; } = sql;

    /// <summary>The clock of this process: due times. Leases are measured by <see cref="Dialect.Clock"/>.</summary>
    public TimeProvider Clock { get; } = clock;

    /// <summary>This process among the replicas: who holds the leases it takes.</summary>
    public string Replica { get; } = Guid.CreateVersion7(clock.GetUtcNow()).ToString();

    /// <summary>What is under way to the broker, where one process has the database; null where replicas tell each other by the rows.</summary>
    public virtual EventHolds? Holds => null;

    /// <summary>Moves with every pause and resumption by this process.</summary>
    public ChangeMark Pauses { get; } = new();

    /// <summary>Moves with everything that this process learns or forgets of a partner.</summary>
    public ChangeMark Memories { get; } = new();

    /// <summary>Applies the versioned scripts that are missing. A database newer than this build is refused with a clear line.</summary>
    public abstract Task OpenAsync(CancellationToken cancellationToken);

    /// <summary>Runs <paramref name="work"/> in one transaction and returns once it is durable.</summary>
    public abstract Task<T> WriteAsync<T>(Func<LedgerSession, Task<T>> work, CancellationToken cancellationToken);

    /// <summary>As <see cref="WriteAsync"/> for work whose every statement is whole by itself: PostgreSQL then needs one round trip a statement.</summary>
    public abstract Task<T> WriteSinglyAsync<T>(Func<LedgerSession, Task<T>> work, CancellationToken cancellationToken);

    /// <summary>
    /// As <see cref="WriteSinglyAsync"/> for what nobody has to rely on before something else is written: leases, packages that no referral names yet, that
    /// an event went out. The end of this process does not undo it. On SQLite it is on disk with the next write that is waited for, because the log is one, and
    /// nobody waits for the disk here: a loss of power, which ends all who hold a lease as well, may undo it together with all that was written ahead after it.
    /// </summary>
    public virtual Task<T> WriteAheadAsync<T>(Func<LedgerSession, Task<T>> work, CancellationToken cancellationToken) => WriteSinglyAsync(work, cancellationToken);

    /// <summary>Runs <paramref name="work"/> on a connection that only reads.</summary>
    public abstract Task<T> ReadAsync<T>(Func<LedgerSession, Task<T>> work, CancellationToken cancellationToken);

    /// <summary>After a deletion of content: wipes what is left of it in files of the database that this process can reach. Nothing where the server has them.</summary>
    public virtual Task WipeAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Writes and reads a row; for /health/ready.</summary>
    public virtual async Task CheckWritableAsync(CancellationToken cancellationToken)
    {
        var now = Clock.GetUtcNow();
        await WriteSinglyAsync(
            session => session.ExecuteAsync("INSERT INTO probe (id, at) VALUES (1, @now) ON CONFLICT (id) DO UPDATE SET at = excluded.at",
                new Values().Add("now", now), cancellationToken),
            cancellationToken);
        await ReadAsync(session => session.ScalarAsync("SELECT at FROM probe WHERE id = 1", new Values(), cancellationToken), cancellationToken);
    }

    /// <summary>Times a piece of work; <paramref name="began"/> before it was given on.</summary>
    protected async Task<T> TimedAsync<T>(string kind, long began, Task<T> work)
    {
        var outcome = "failed";
        try
        {
            var result = await work;
            outcome = "done";
            return result;
        }
        finally
        {
            Measures.Transacted(kind, outcome, Clock.GetElapsedTime(began));
        }
    }

    public abstract ValueTask DisposeAsync();
}
