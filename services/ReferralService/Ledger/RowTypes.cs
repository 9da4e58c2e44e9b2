using System.Data;
using System.Data.Common;
using Dapper;

namespace ReferralService.Ledger;

/// <summary>How columns become values of ours: by Dapper for whole rows, by position for the small ones.</summary>
internal static class RowTypes
{
    private static readonly bool Registered = RegisterOnce();

    public static bool Register() => Registered;

    public static DateTimeOffset Instant(this DbDataReader row, int column) => Instants.FromMicroseconds(row.GetInt64(column));

    public static DateTimeOffset? InstantOrNull(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.Instant(column);

    public static string? TextOrNull(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    /// <summary>A truth value, which SQLite keeps as a number.</summary>
    public static bool Flag(this DbDataReader row, int column) => row.GetValue(column) is true or 1L;

    public static int? NumberOrNull(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt32(column);

    public static Guid? UuidOrNull(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetGuid(column);

    public static ReferralId ReferralId(this DbDataReader row, int column) => new(row.GetGuid(column));

    public static ReferralState State(this DbDataReader row, int column)
        => ReferralStates.Parse(row.GetString(column)) ?? throw new InvalidOperationException("ledger-state-unknown");

    private static bool RegisterOnce()
    {
        DefaultTypeMap.MatchNamesWithUnderscores = true;
        SqlMapper.RemoveTypeMap(typeof(Guid));
        SqlMapper.RemoveTypeMap(typeof(DateTimeOffset));
        SqlMapper.AddTypeHandler(new InstantColumn());
        SqlMapper.AddTypeHandler(new UuidColumn());
        SqlMapper.AddTypeHandler(new ReferralIdColumn());
        return true;
    }

    private static Guid ReadUuid(object value) => value as Guid? ?? Guid.Parse((string)value);

    private sealed class InstantColumn : SqlMapper.TypeHandler<DateTimeOffset>
    {
        public override DateTimeOffset Parse(object value) => Instants.FromMicroseconds((long)value);

        public override void SetValue(IDbDataParameter parameter, DateTimeOffset value) => throw new NotSupportedException();
    }

    private sealed class UuidColumn : SqlMapper.TypeHandler<Guid>
    {
        public override Guid Parse(object value) => ReadUuid(value);

        public override void SetValue(IDbDataParameter parameter, Guid value) => throw new NotSupportedException();
    }

    private sealed class ReferralIdColumn : SqlMapper.TypeHandler<ReferralId>
    {
        public override ReferralId Parse(object value) => new(ReadUuid(value));

        public override void SetValue(IDbDataParameter parameter, ReferralId value) => throw new NotSupportedException();
    }
}
