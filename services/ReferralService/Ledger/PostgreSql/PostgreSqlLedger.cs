using System.Data.Common;
using Npgsql;

namespace ReferralService.Ledger.PostgreSql;

/// <summary>The ledger in PostgreSQL: any number of replicas, row locks, the server's clock for leases.</summary>
internal sealed partial class PostgreSqlLedger : LedgerDatabase
{
    /// <summary>Runs of one piece of work before its caller is told.</summary>
    private const int Runs = 5;

    private readonly NpgsqlDataSource _source;
    private readonly ILogger _log;

    public PostgreSqlLedger(string connectionString, TimeProvider clock, ILogger<PostgreSqlLedger> log) : base(new Dialect.PostgreSql(), clock)
    {
        _log = log;
        _source = NpgsqlDataSource.Create(Completed(connectionString));
    }

    public override async Task OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            await PostgreSqlSchema.ApplyAsync(_source, Clock, _log, cancellationToken);
        }
        catch (NpgsqlException exception)
        {
            throw PostgreSqlFaults.ForCaller(exception);
        }
    }

    public override Task<T> WriteAsync<T>(Func<LedgerSession, Task<T>> work, CancellationToken cancellationToken)
        => TimedAsync("write", Clock.GetTimestamp(), RunAsync(
            async connection =>
            {
                await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
                var result = await work(new PostgreSqlSession(connection));
                // Once asked for, a commit is waited for: given up, nobody would know what became of it.
                await transaction.CommitAsync(CancellationToken.None);
                return result;
            },
            cancellationToken));

    public override Task<T> WriteSinglyAsync<T>(Func<LedgerSession, Task<T>> work, CancellationToken cancellationToken)
        => SinglyAsync("write", work, cancellationToken);

    public override Task<T> ReadAsync<T>(Func<LedgerSession, Task<T>> work, CancellationToken cancellationToken) => SinglyAsync("read", work, cancellationToken);

    private Task<T> SinglyAsync<T>(string kind, Func<LedgerSession, Task<T>> work, CancellationToken cancellationToken)
        => TimedAsync(kind, Clock.GetTimestamp(), RunAsync(connection => work(new PostgreSqlSession(connection)), cancellationToken));

    public override ValueTask DisposeAsync() => _source.DisposeAsync();

    private async Task<T> RunAsync<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        for (var run = 1; ; run++)
        {
            try
            {
                await using var connection = await _source.OpenConnectionAsync(cancellationToken);
                return await work(connection);
            }
            catch (NpgsqlException exception) when (run < Runs && PostgreSqlFaults.IsWorthRepeating(exception))
            {
                Log.Repeating(_log, run, exception.SqlState ?? "connection lost");
            }
            catch (NpgsqlException exception)
            {
                throw PostgreSqlFaults.ForCaller(exception);
            }
        }
    }

    /// <summary>What the setting leaves open: statements are prepared, and nobody waits longer than a sender of notifications would.</summary>
    private static string Completed(string connectionString)
    {
        var given = new DbConnectionStringBuilder { ConnectionString = connectionString };
        return new NpgsqlConnectionStringBuilder(connectionString)
        {
            MaxAutoPrepare = given.TryGetValue("Max Auto Prepare", out var prepare) ? Convert.ToInt32(prepare) : 128,
            Timeout = given.TryGetValue("Timeout", out var timeout) ? Convert.ToInt32(timeout) : 5,
            CommandTimeout = given.TryGetValue("Command Timeout", out var command) ? Convert.ToInt32(command) : 15,
            ApplicationName = given.TryGetValue("Application Name", out var name) ? (string)name : "referral-service",
        }.ConnectionString;
    }

    private static partial class Log
    {
        [LoggerMessage(6030, LogLevel.Information, "A ledger write is run again ({Reason}, run {Run})")]
        public static partial void Repeating(ILogger logger, int run, string reason);
    }
}
