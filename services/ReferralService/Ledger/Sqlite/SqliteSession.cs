using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ReferralService.Ledger.Sqlite;

/// <summary>One SQLite connection with its prepared statements. Everything in it runs to its end before it returns: SQLite has no waiting to be awaited.</summary>
internal sealed class SqliteSession : LedgerSession, IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly TimeProvider _clock;
    private readonly Dictionary<string, SqliteStatement> _prepared = new(new ByText());

    public SqliteSession(string connectionString, string pragmas, TimeProvider clock)
    {
        _clock = clock;
        _connection = new SqliteConnection(connectionString);
        try
        {
            _connection.Open();
            KeepPlans();
            RunOnce(pragmas);
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    /// <summary>Whether a transaction is open; SQLite ends one by itself after some failures.</summary>
    public bool InTransaction => raw.sqlite3_get_autocommit(Database) == 0;

    /// <summary>Rows written since the connection was opened, also those of a transaction that was undone.</summary>
    public int Written => raw.sqlite3_total_changes(Database);

    /// <summary>How often SQLite prepared its statements again by itself: after a change of the schema, or for other values.</summary>
    public int PreparedAgain => _prepared.Values.Sum(statement => statement.PreparedAgain);

    private sqlite3 Database => _connection.Handle!;

    /// <summary>Runs a statement, or several without values, that is not worth keeping prepared.</summary>
    public void RunOnce(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>Runs a statement without values that does its work while it is being prepared, as some pragmas do, so that preparing it once would do it once.</summary>
    public void RunAnew(string sql)
    {
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v2(Database, sql, out var statement), Database);
        using (statement)
        {
            _ = raw.sqlite3_step(statement);
        }
    }

    /// <summary>Runs a statement without values.</summary>
    public void Run(string sql) => Execute(sql, []);

    public override Task<int> ExecuteAsync(string sql, Values values, CancellationToken cancellationToken) => Task.FromResult(Execute(sql, values.All));

    public override Task<int> ExecuteEachAsync(string sql, IReadOnlyList<Values> each, CancellationToken cancellationToken)
    {
        var written = 0;
        foreach (var values in each)
        {
            written += Execute(sql, values.All);
        }

        return Task.FromResult(written);
    }

    public override Task<List<T>> ReadRowsAsync<T>(string sql, Values values, Func<DbDataReader, T> read, CancellationToken cancellationToken)
    {
        var statement = Bound(sql, values.All);
        try
        {
            var rows = new List<T>();
            while (statement.Step())
            {
                rows.Add(read(statement.Rows));
            }

            return Task.FromResult(rows);
        }
        finally
        {
            statement.Reset();
        }
    }

    public override Task<int> ReadBytesAsync(string sql, Values values, byte[] buffer, CancellationToken cancellationToken)
    {
        var statement = Bound(sql, values.All);
        try
        {
            if (!statement.Step())
            {
                return Task.FromResult(-1);
            }

            var bytes = statement.Rows.Bytes(0);
            bytes.CopyTo(buffer);
            return Task.FromResult(bytes.Length);
        }
        finally
        {
            statement.Reset();
        }
    }

    public void Dispose()
    {
        foreach (var statement in _prepared.Values)
        {
            statement.Dispose();
        }

        _connection.Dispose();
    }

    /// <summary>
    /// A statement is prepared once for all of its values (https://www.sqlite.org/queryplanner-ng.html#qpsg). Else SQLite prepares it again before
    /// every run for which a value was bound that its plan might depend on, such as a LIMIT's: the claim of due rows cost more to prepare than to run.
    /// </summary>
    private void KeepPlans() => SqliteException.ThrowExceptionForRC(raw.sqlite3_db_config(Database, raw.SQLITE_DBCONFIG_ENABLE_QPSG, 1, out _), Database);

    /// <returns>How many rows it wrote.</returns>
    private int Execute(string sql, ReadOnlySpan<NamedValue> values)
    {
        var statement = Bound(sql, values);
        var before = Written;
        try
        {
            while (statement.Step())
            {
            }

            return Written - before;
        }
        finally
        {
            statement.Reset();
        }
    }

    private SqliteStatement Bound(string sql, ReadOnlySpan<NamedValue> values)
    {
        if (!_prepared.TryGetValue(sql, out var statement))
        {
            statement = new SqliteStatement(Database, sql, values);
            _prepared.Add(sql, statement);
        }

        statement.Bind(values, _clock);
        return statement;
    }

    /// <summary>Statements are long, looked up at every run, and nearly always the very same object: so their length and a few letters are hashed and not all of them.</summary>
    private sealed class ByText : IEqualityComparer<string>
    {
        private const int Letters = 16;

        public bool Equals(string? x, string? y) => string.Equals(x, y);

        public int GetHashCode([DisallowNull] string sql)
        {
            var hash = sql.Length;
            var step = (sql.Length / Letters) + 1;
            for (var i = 0; i < sql.Length; i += step)
            {
                hash = (hash * 31) + sql[i];
            }

            return hash;
        }
    }
}
