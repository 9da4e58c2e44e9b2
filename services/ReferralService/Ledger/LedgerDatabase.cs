namespace ReferralService.Ledger;

/// <summary>The database below the books: SQLite (one writer, group commit) or PostgreSQL.</summary>
internal abstract class LedgerDatabase : IAsyncDisposable
{
    /// <summary>Applies the versioned scripts that are missing. A database newer than this build is refused with a clear line.</summary>
    public abstract Task OpenAsync(CancellationToken cancellationToken);

    /// <summary>Writes and reads a row; for /health/ready.</summary>
    public abstract Task CheckWritableAsync(CancellationToken cancellationToken);

    public abstract ValueTask DisposeAsync();
}
