using System.Data.Common;

namespace ReferralService.Ledger;

/// <summary>A connection lent to a piece of work, in its transaction if it has one.</summary>
internal abstract class LedgerSession
{
    /// <summary>Runs a statement; returns the number of rows it changed.</summary>
    public abstract Task<int> ExecuteAsync(string sql, Values values, CancellationToken cancellationToken);

    /// <summary>Runs one statement for each set of values; on PostgreSQL in one round trip. Returns the number of rows they changed.</summary>
    public abstract Task<int> ExecuteEachAsync(string sql, IReadOnlyList<Values> each, CancellationToken cancellationToken);

    /// <summary>Runs a statement that yields rows and reads them all, by column position.</summary>
    public abstract Task<List<T>> ReadRowsAsync<T>(string sql, Values values, Func<DbDataReader, T> read, CancellationToken cancellationToken);

    /// <summary>Copies the one binary value a statement yields into <paramref name="buffer"/>; its length, or -1 when there is no row.</summary>
    public abstract Task<int> ReadBytesAsync(string sql, Values values, byte[] buffer, CancellationToken cancellationToken);

    /// <summary>The first value of the first row as a whole number; null when there is no row or it holds null.</summary>
    public async Task<long?> ScalarAsync(string sql, Values values, CancellationToken cancellationToken)
    {
        var rows = await ReadRowsAsync(sql, values, reader => reader.IsDBNull(0) ? (long?)null : reader.GetInt64(0), cancellationToken);
        return rows.Count == 0 ? null : rows[0];
    }
}
