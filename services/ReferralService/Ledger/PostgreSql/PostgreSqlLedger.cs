namespace ReferralService.Ledger.PostgreSql;

/// <summary>Placeholder</summary>
internal sealed class PostgreSqlLedger(string connectionString, TimeProvider clock, ILogger<PostgreSqlLedger> log) : LedgerDatabase(new Dialect.PostgreSql(), clock)
{
    private readonly string _c = connectionString;
    private readonly ILogger _l = log;
    public override Task OpenAsync(CancellationToken cancellationToken) => throw new NotImplementedException(_c + _l);
    public override Task<T> WriteAsync<T>(Func<LedgerSession, Task<T>> work, CancellationToken cancellationToken) => throw new NotImplementedException();
    public override Task<T> WriteSinglyAsync<T>(Func<LedgerSession, Task<T>> work, CancellationToken cancellationToken) => throw new NotImplementedException();
    public override Task<T> ReadAsync<T>(Func<LedgerSession, Task<T>> work, CancellationToken cancellationToken) => throw new NotImplementedException();
    public override ValueTask DisposeAsync() => default;
}
