using Microsoft.Data.Sqlite;

namespace ReferralService.Ledger.Sqlite;

/// <summary>The ledger's file read beside the process that holds it, over a connection that can do no more.</summary>
internal sealed class SqliteGlance(string connectionString, TimeProvider clock) : LedgerDatabase(new Dialect.Sqlite(), clock)
{
    private const string Pragmas = "PRAGMA busy_timeout = 1000";

    public override Task OpenAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override Task<T> WriteAsync<T>(Func<LedgerSession, Task<T>> work, CancellationToken cancellationToken) => throw new InvalidOperationException("ledger-read-only");

    public override Task<T> WriteSinglyAsync<T>(Func<LedgerSession, Task<T>> work, CancellationToken cancellationToken) => WriteAsync(work, cancellationToken);

    public override async Task<T> ReadAsync<T>(Func<LedgerSession, Task<T>> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            using var session = new SqliteSession(
                new SqliteConnectionStringBuilder(connectionString) { Mode = SqliteOpenMode.ReadOnly, Pooling = false, DefaultTimeout = 1 }.ConnectionString, Pragmas, Clock);
            return await work(session);
        }
        catch (SqliteException exception)
        {
            throw SqliteFaults.ForCaller(exception);
        }
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
