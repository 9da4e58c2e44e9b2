namespace ReferralService.Ledger;

/// <content>Lists, by whatever filters are given.</content>
internal sealed partial class ReferralStatements
{
    /// <summary>The list's statement for the filters given; each combination is a text of its own, so that it can use its index.</summary>
    public static string List(ReferralQuery query, Dialect sql) => $"SELECT {All} FROM referral {Where(query, sql)} ORDER BY number DESC LIMIT @limit";

    /// <summary>Of the same rows the oldest.</summary>
    public static string OldestIds(ReferralQuery query, Dialect sql) => $"SELECT id FROM referral {Where(query, sql)} ORDER BY number LIMIT @most";

    public static string Count(ReferralQuery query, Dialect sql) => $"SELECT count(*) FROM referral {Where(query, sql)}";

    private static string Where(ReferralQuery query, Dialect sql)
    {
        string?[] filters =
        [
            query.State is null ? null : $"{Beside("state")} = @state",
            query.Standing?.Condition(),
            query.Ehr is null ? null : $"{Beside("ehr")} = @ehr",
            query.Recipient is null ? null : $"{Beside("coalesce(recipient, recipient_asked)")} = @recipient",
            query.ErrorCode is null ? null : $"{Beside("error_code")} = @error_code",
            query.Search is null ? null : sql.IsFound(query.Search.Statement()),
            query.UpdatedSince is null ? null : "updated_at >= @updated_since",
            query.Before is null ? null : "number < @before",
        ];
        var given = filters.OfType<string>().ToList();
        return given.Count == 0 ? "" : "WHERE " + string.Join(" AND ", given);

        // Beside a search, which finds a few, no index of a filter's: SQLite would rather read all that is at one EHR.
        string Beside(string column) => query.Search is null ? column : $"{column} || ''";
    }
}
