using System.Data.Common;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ReferralService.Ledger.Sqlite;

/// <summary>One SQLite connection with its prepared statements. Everything in it runs to its end before it returns: SQLite has no waiting to be awaited.</summary>
internal sealed class SqliteSession : LedgerSession, IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly TimeProvider _clock;
    private readonly Dictionary<string, SqliteCommand> _prepared = new(StringComparer.Ordinal);

    public SqliteSession(string connectionString, string pragmas, TimeProvider clock)
    {
        _clock = clock;
        _connection = new SqliteConnection(connectionString);
        try
        {
            _connection.Open();
            using var command = _connection.CreateCommand();
            command.CommandText = pragmas;
            command.ExecuteNonQuery();
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    /// <summary>Whether a transaction is open; SQLite ends one by itself after some failures.</summary>
    public bool InTransaction => raw.sqlite3_get_autocommit(_connection.Handle) == 0;

    /// <summary>Runs a statement, or several without values, that is not worth keeping prepared.</summary>
    public void RunOnce(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>Runs a statement without values.</summary>
    public void Run(string sql) => Prepared(sql, []).ExecuteNonQuery();

    public override Task<int> ExecuteAsync(string sql, Values values, CancellationToken cancellationToken)
        => Task.FromResult(Prepared(sql, values.List).ExecuteNonQuery());

    public override Task ExecuteEachAsync(string sql, IReadOnlyList<Values> each, CancellationToken cancellationToken)
    {
        foreach (var values in each)
        {
            Prepared(sql, values.List).ExecuteNonQuery();
        }

        return Task.CompletedTask;
    }

    public override Task<List<T>> QueryAsync<T>(
        string sql, Values values, Func<DbDataReader, Func<DbDataReader, T>> reading, CancellationToken cancellationToken)
    {
        using var reader = Prepared(sql, values.List).ExecuteReader();
        var rows = new List<T>();
        if (!reader.Read())
        {
            return Task.FromResult(rows);
        }

        var read = reading(reader);
        do
        {
            rows.Add(read(reader));
        }
        while (reader.Read());
        return Task.FromResult(rows);
    }

    public override Task<int> ReadBytesAsync(string sql, Values values, byte[] buffer, CancellationToken cancellationToken)
    {
        using var reader = Prepared(sql, values.List).ExecuteReader();
        if (!reader.Read())
        {
            return Task.FromResult(-1);
        }

        // Straight out of SQLite's page: the reader's own GetBytes would put each chunk on the large object heap first.
        var bytes = raw.sqlite3_column_blob(reader.Handle, 0);
        bytes.CopyTo(buffer);
        return Task.FromResult(bytes.Length);
    }

    public void Dispose()
    {
        foreach (var command in _prepared.Values)
        {
            command.Dispose();
        }

        _connection.Dispose();
    }

    private SqliteCommand Prepared(string sql, IReadOnlyList<NamedValue> values)
    {
        if (!_prepared.TryGetValue(sql, out var command))
        {
            command = Prepare(sql, values);
            _prepared.Add(sql, command);
        }

        var parameters = command.Parameters;
        for (var i = 0; i < values.Count; i++)
        {
            parameters[i].Value = Bound(values[i]);
        }

        if (parameters.Count > values.Count)
        {
            parameters[values.Count].Value = Instants.ToMicroseconds(_clock.GetUtcNow());
        }

        return command;
    }

    private SqliteCommand Prepare(string sql, IReadOnlyList<NamedValue> values)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (var value in values)
        {
            command.Parameters.Add(new SqliteParameter("@" + value.Name, null));
        }

        if (sql.Contains(Dialect.Sqlite.ClockParameter, StringComparison.Ordinal))
        {
            command.Parameters.Add(new SqliteParameter(Dialect.Sqlite.ClockParameter, null));
        }

        return command;
    }

    private static object Bound(NamedValue value) => value.Value switch
    {
        null => DBNull.Value,
        Guid id => id.ToString("D"),
        ArraySegment<byte> { Offset: 0 } bytes when bytes.Count == bytes.Array!.Length => bytes.Array,
        ArraySegment<byte> bytes => bytes.ToArray(),
        var other => other,
    };
}
