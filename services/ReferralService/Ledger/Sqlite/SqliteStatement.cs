using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ReferralService.Ledger.Sqlite;

/// <summary>One prepared statement with the places of its values: bound by number and without boxes, stepped without a command around it.</summary>
/// <remarks>The driver's command looks each parameter up by name and makes an object of each value, at every run; that was most of what a small statement cost.</remarks>
internal sealed class SqliteStatement : IDisposable
{
    private const int UuidBytes = 36;

    /// <summary>SQLITE_STMTSTATUS_REPREPARE.</summary>
    private const int StatusPreparedAgain = 5;

    /// <summary>Longer texts are encoded on the heap.</summary>
    private const int MostOnStack = 512;

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private readonly string[] _names;
    private readonly int[] _places;
    private readonly int _clockPlace;
    private bool _holdsBytes;

    /// <param name="values">Their names and order; every later run must have those that the statement speaks of in the same places.</param>
    public SqliteStatement(sqlite3 database, string sql, ReadOnlySpan<NamedValue> values)
    {
        _database = database;
        Check(raw.sqlite3_prepare_v3(database, sql, raw.SQLITE_PREPARE_PERSISTENT, out _statement));
        _names = new string[values.Length];
        _places = new int[values.Length];
        var bound = 0;
        for (var i = 0; i < _places.Length; i++)
        {
            _names[i] = values[i].Name;
            bound += (_places[i] = raw.sqlite3_bind_parameter_index(_statement, "@" + values[i].Name)) > 0 ? 1 : 0;
        }

        _clockPlace = raw.sqlite3_bind_parameter_index(_statement, Dialect.Sqlite.ClockParameter);
        if (bound + (_clockPlace > 0 ? 1 : 0) != raw.sqlite3_bind_parameter_count(_statement))
        {
            _statement.Dispose();
            throw new InvalidOperationException("ledger-value-missing");
        }

        Rows = new SqliteRows(_statement);
    }

    /// <summary>Whatever <see cref="Step"/> stands on.</summary>
    public SqliteRows Rows { get; }

    /// <summary>How often SQLite prepared it again by itself.</summary>
    public int PreparedAgain => raw.sqlite3_stmt_status(_statement, StatusPreparedAgain, 0);

    /// <param name="clock">What the clock of leases says, in microseconds.</param>
    /// <exception cref="InvalidOperationException">In another order than at the first run: bound by number, one would be taken for another.</exception>
    public void Bind(ReadOnlySpan<NamedValue> values, TimeProvider clock)
    {
        for (var i = 0; i < _places.Length; i++)
        {
            if (_places[i] == 0)
            {
                continue;
            }

            // Nearly always the very same text, which is seen without looking into it.
            if (i >= values.Length || values[i].Name != _names[i])
            {
                throw new InvalidOperationException("ledger-value-order");
            }

            Check(Bind(_places[i], values[i]));
        }

        if (_clockPlace > 0)
        {
            Check(raw.sqlite3_bind_int64(_statement, _clockPlace, Instants.ToMicroseconds(clock.GetUtcNow())));
        }
    }

    /// <returns>Whether it stands on a row; false: it is done.</returns>
    public bool Step()
    {
        var result = raw.sqlite3_step(_statement);
        if (result is raw.SQLITE_ROW or raw.SQLITE_DONE)
        {
            return result == raw.SQLITE_ROW;
        }

        Check(result);
        throw new InvalidOperationException("ledger-step-unknown");
    }

    /// <summary>Ready for the next run; after a failure its code is told by the step already.</summary>
    public void Reset()
    {
        _ = raw.sqlite3_reset(_statement);
        if (_holdsBytes)
        {
            // SQLite's copy of a chunk is not kept until the next one comes.
            _ = raw.sqlite3_clear_bindings(_statement);
            _holdsBytes = false;
        }
    }

    public void Dispose() => _statement.Dispose();

    private int Bind(int place, in NamedValue value) => value.Kind switch
    {
        _ when value.IsNull => raw.sqlite3_bind_null(_statement, place),
        ValueKind.Text => BindText(place, value.Text!),
        ValueKind.Uuid => BindUuid(place, value.Uuid),
        ValueKind.Bytes => BindBytes(place, value.Bytes),
        _ => raw.sqlite3_bind_int64(_statement, place, value.Number),
    };

    private int BindText(int place, string text)
    {
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        var bytes = most <= MostOnStack ? stackalloc byte[MostOnStack] : new byte[most];
        return raw.sqlite3_bind_text(_statement, place, bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
    }

    private int BindUuid(int place, Guid id)
    {
        Span<byte> text = stackalloc byte[UuidBytes];
        id.TryFormat(text, out _);
        return raw.sqlite3_bind_text(_statement, place, text);
    }

    private int BindBytes(int place, ReadOnlySpan<byte> bytes)
    {
        _holdsBytes = true;
        return raw.sqlite3_bind_blob(_statement, place, bytes);
    }

    private void Check(int result) => SqliteException.ThrowExceptionForRC(result, _database);
}
