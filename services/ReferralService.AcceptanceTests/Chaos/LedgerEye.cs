using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace ReferralService.AcceptanceTests.Chaos;

/// <summary>Reads the service's own database from outside, with SQL of its own: what the service would tell of itself is not asked.</summary>
internal sealed class LedgerEye
{
    private readonly Func<DbConnection> _connect;
    private readonly bool _sqlite;

    private LedgerEye(bool sqlite, Func<DbConnection> connect) => (_sqlite, _connect) = (sqlite, connect);

    public static LedgerEye OnSqlite(string file) => new(true, () => new SqliteConnection($"Data Source={file};Mode=ReadOnly;Pooling=False"));

    public static LedgerEye OnPostgreSql(string connection) => new(false, () => new NpgsqlConnection(connection));

    public Task<IReadOnlyList<ReferralRow>> ReferralsAsync() => QueryAsync(
        "SELECT number, id, order_id, recipient, state, error_code, attempt, sequence, package_id, package_digest, outcome_unknown FROM referral ORDER BY number",
        row => new ReferralRow(
            row.GetInt64(0), Text(row, 1)!, row.GetString(2), Text(row, 3), row.GetString(4), Text(row, 5), row.GetInt32(6), row.GetInt32(7), Text(row, 8), Text(row, 9),
            Convert.ToBoolean(row.GetValue(10), CultureInfo.InvariantCulture)));

    public Task<IReadOnlyList<TimelineRow>> TimelineAsync() => QueryAsync(
        "SELECT referral, revision, position, sequence, event_id, event, state, package_id FROM timeline",
        row => new TimelineRow(
            row.GetInt64(0), row.GetInt64(1), row.GetInt32(2), row.IsDBNull(3) ? null : row.GetInt32(3), Text(row, 4), row.GetString(5), row.GetString(6), Text(row, 7)));

    public Task<IReadOnlyList<NoticeRow>> NoticesAsync()
        => QueryAsync("SELECT order_id, due_at, outcome FROM notice", row => new NoticeRow(row.GetString(0), !row.IsDBNull(1), Text(row, 2)));

    /// <summary>Null before the first sweep, or when there is no schema yet.</summary>
    public async Task<CursorReading?> CursorAsync()
    {
        try
        {
            // The cursor first: what is stored after it was read only makes the reading kinder to the service by what it has really stored.
            var cursor = await QueryAsync("SELECT cursor_at FROM sweep WHERE cursor_at IS NOT NULL", row => row.GetInt64(0));
            var known = await QueryAsync("SELECT order_id FROM notice UNION SELECT order_id FROM referral", row => row.GetString(0));
            return cursor.Count == 0 ? null : new CursorReading(DateTimeOffset.UnixEpoch.AddMicroseconds(cursor[0]), known.ToHashSet());
        }
        catch (DbException)
        {
            return null;
        }
    }

    /// <summary>Work that is still to be done by the service itself: referrals neither at rest nor at an end, and notices due.</summary>
    public Task<int> UnfinishedAsync() => CountAsync(
        "SELECT (SELECT count(*) FROM referral WHERE state NOT IN ('delivered', 'held', 'failed', 'cancelled')) + (SELECT count(*) FROM notice WHERE due_at IS NOT NULL)");

    /// <summary>Events that the broker has not taken yet.</summary>
    public Task<int> EventsWaitingAsync() => CountAsync("SELECT count(*) FROM outbox");

    /// <summary>What is unfinished, for a person: <c>3 gathering internal-error</c>.</summary>
    public async Task<string> WaitingAsync()
    {
        try
        {
            return string.Join(", ", await QueryAsync(
                """
                SELECT count(*), state, coalesce(error_code, '') FROM referral WHERE state NOT IN ('delivered', 'held', 'failed', 'cancelled') GROUP BY state, error_code
                UNION ALL SELECT count(*), 'notices', '' FROM notice WHERE due_at IS NOT NULL
                UNION ALL SELECT count(*), 'events', '' FROM outbox
                """,
                row => $"{row.GetInt64(0)} {row.GetString(1)} {row.GetString(2)}".TrimEnd()));
        }
        catch (DbException)
        {
            return "the ledger cannot be read";
        }
    }

    /// <summary>Every value of every plain column as text, with its place; the package's own chunks apart.</summary>
    public async Task<IReadOnlyList<(string Place, string Value)>> PlainColumnsAsync()
    {
        var tables = await QueryAsync(
            _sqlite ? "SELECT name FROM sqlite_master WHERE type = 'table'" : "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'",
            row => row.GetString(0));
        var found = new List<(string, string)>();
        foreach (var table in tables.Where(t => t != "package_chunk"))
        {
            foreach (var values in await QueryAsync($"SELECT * FROM \"{table}\"", row => Enumerable.Range(0, row.FieldCount).Select(i => ($"column {table}.{row.GetName(i)}", AsText(row.GetValue(i)))).ToList()))
            {
                found.AddRange(values);
            }
        }

        return found;
    }

    /// <summary>One number; the greatest when the ledger cannot be read now.</summary>
    private async Task<int> CountAsync(string sql)
    {
        try
        {
            return (int)(await QueryAsync(sql, row => row.GetInt64(0)))[0];
        }
        catch (DbException)
        {
            return int.MaxValue;
        }
    }

    private static string AsText(object value) => value is byte[] bytes ? System.Text.Encoding.UTF8.GetString(bytes) : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";

    private static string? Text(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetValue(column) is Guid id ? id.ToString("D") : row.GetString(column);

    private async Task<IReadOnlyList<T>> QueryAsync<T>(string sql, Func<DbDataReader, T> read)
    {
        await using var connection = _connect();
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync())
        {
            rows.Add(read(reader));
        }

        return rows;
    }
}
