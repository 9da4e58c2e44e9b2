using System.Buffers.Text;
using System.Collections;
using System.Data.Common;
using System.Text;
using SQLitePCL;

namespace ReferralService.Ledger.Sqlite;

/// <summary>The row that a statement stands on, read by position; whoever steps the statement moves it on.</summary>
internal sealed class SqliteRows(sqlite3_stmt statement) : DbDataReader
{
    public override int FieldCount => raw.sqlite3_column_count(statement);
    public override int Depth => 0;
    public override bool HasRows => true;
    public override bool IsClosed => false;
    public override int RecordsAffected => -1;

    public override object this[int ordinal] => GetValue(ordinal);

    public override object this[string name] => GetValue(GetOrdinal(name));

    /// <summary>A binary value, valid until the statement moves on: straight out of SQLite's page.</summary>
    public ReadOnlySpan<byte> Bytes(int ordinal) => raw.sqlite3_column_blob(statement, ordinal);

    public override bool IsDBNull(int ordinal) => raw.sqlite3_column_type(statement, ordinal) == raw.SQLITE_NULL;

    public override long GetInt64(int ordinal) => raw.sqlite3_column_int64(statement, ordinal);

    public override int GetInt32(int ordinal) => checked((int)GetInt64(ordinal));

    public override bool GetBoolean(int ordinal) => GetInt64(ordinal) != 0;

    // A text is UTF-8 in the file: asked for as bytes it comes as it is.
    public override string GetString(int ordinal) => raw.sqlite3_column_type(statement, ordinal) switch
    {
        raw.SQLITE_TEXT => Encoding.UTF8.GetString(Bytes(ordinal)),
        raw.SQLITE_NULL => throw new InvalidCastException("ledger-value-null"),
        _ => raw.sqlite3_column_text(statement, ordinal).utf8_to_string(),
    };

    public override Guid GetGuid(int ordinal)
        => Utf8Parser.TryParse(Bytes(ordinal), out Guid id, out var read, 'D') && read == 36 ? id : Guid.Parse(GetString(ordinal));

    public override T GetFieldValue<T>(int ordinal)
        => typeof(T) == typeof(byte[]) ? (T)(object)Bytes(ordinal).ToArray()
            : typeof(T) == typeof(Guid) ? (T)(object)GetGuid(ordinal)
            : (T)GetValue(ordinal);

    public override object GetValue(int ordinal) => raw.sqlite3_column_type(statement, ordinal) switch
    {
        raw.SQLITE_NULL => DBNull.Value,
        raw.SQLITE_INTEGER => GetInt64(ordinal),
        raw.SQLITE_FLOAT => GetDouble(ordinal),
        raw.SQLITE_BLOB => Bytes(ordinal).ToArray(),
        _ => GetString(ordinal),
    };

    public override int GetValues(object[] values)
    {
        var count = Math.Min(values.Length, FieldCount);
        for (var i = 0; i < count; i++)
        {
            values[i] = GetValue(i);
        }

        return count;
    }

    public override string GetName(int ordinal) => raw.sqlite3_column_name(statement, ordinal).utf8_to_string();

    public override int GetOrdinal(string name)
    {
        for (var i = 0; i < FieldCount; i++)
        {
            if (GetName(i) == name)
            {
                return i;
            }
        }

        throw new ArgumentOutOfRangeException(nameof(name));
    }

    public override Type GetFieldType(int ordinal) => GetValue(ordinal).GetType();

    public override string GetDataTypeName(int ordinal) => raw.sqlite3_column_decltype(statement, ordinal).utf8_to_string() ?? "";

    public override double GetDouble(int ordinal) => raw.sqlite3_column_double(statement, ordinal);

    public override float GetFloat(int ordinal) => (float)GetDouble(ordinal);

    public override decimal GetDecimal(int ordinal) => throw new NotSupportedException();

    public override byte GetByte(int ordinal) => checked((byte)GetInt64(ordinal));

    public override short GetInt16(int ordinal) => checked((short)GetInt64(ordinal));

    public override char GetChar(int ordinal) => throw new NotSupportedException();

    public override DateTime GetDateTime(int ordinal) => throw new NotSupportedException("ledger-instants-are-numbers");

    public override long GetBytes(int ordinal, long dataOffset, byte[]? buffer, int bufferOffset, int length) => throw new NotSupportedException();

    public override long GetChars(int ordinal, long dataOffset, char[]? buffer, int bufferOffset, int length) => throw new NotSupportedException();

    public override IEnumerator GetEnumerator() => throw new NotSupportedException();

    public override bool Read() => throw new NotSupportedException("ledger-rows-are-stepped");

    public override bool NextResult() => false;
}
