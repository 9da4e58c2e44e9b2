using System.Data.Common;

namespace ReferralService.Ledger;

/// <summary>How columns become values of ours.</summary>
internal static class RowTypes
{
    public static DateTimeOffset Instant(this DbDataReader row, int column) => Instants.FromMicroseconds(row.GetInt64(column));

    public static DateTimeOffset? InstantOrNull(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.Instant(column);

    public static string? TextOrNull(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    /// <summary>A truth value, which SQLite keeps as a number.</summary>
    public static bool Flag(this DbDataReader row, int column) => row.GetBoolean(column);

    public static int? NumberOrNull(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt32(column);

    public static Guid? UuidOrNull(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetGuid(column);

    public static ReferralId ReferralId(this DbDataReader row, int column) => new(row.GetGuid(column));

    public static ReferralState State(this DbDataReader row, int column)
        => ReferralStates.Parse(row.GetString(column)) ?? throw new InvalidOperationException("ledger-state-unknown");

    public static PackageForm? FormOrNull(this DbDataReader row, int column)
        => row.IsDBNull(column) ? null : Enum.Parse<PackageForm>(row.GetString(column), ignoreCase: true);
}
