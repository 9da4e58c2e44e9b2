using System.Data;
using System.Data.Common;
using Npgsql;
using NpgsqlTypes;

namespace ReferralService.Ledger.PostgreSql;

/// <summary>A pooled connection, in a transaction if it was opened with one. Npgsql prepares what recurs by itself.</summary>
internal sealed class PostgreSqlSession(NpgsqlConnection connection) : LedgerSession
{
    public override async Task<int> ExecuteAsync(string sql, Values values, CancellationToken cancellationToken)
    {
        await using var command = Command(sql, values);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public override async Task<int> ExecuteEachAsync(string sql, IReadOnlyList<Values> each, CancellationToken cancellationToken)
    {
        if (each.Count == 0)
        {
            return 0;
        }

        await using var batch = new NpgsqlBatch(connection);
        foreach (var values in each)
        {
            var command = new NpgsqlBatchCommand(sql);
            Bind(command.Parameters, values);
            batch.BatchCommands.Add(command);
        }

        return await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    public override async Task<List<T>> ReadRowsAsync<T>(string sql, Values values, Func<DbDataReader, T> read, CancellationToken cancellationToken)
    {
        await using var command = Command(sql, values);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    public override async Task<int> ReadBytesAsync(string sql, Values values, byte[] buffer, CancellationToken cancellationToken)
    {
        await using var command = Command(sql, values);
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            return -1;
        }

        await using var bytes = await reader.GetStreamAsync(0, cancellationToken);
        return await bytes.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
    }

    private NpgsqlCommand Command(string sql, Values values)
    {
        var command = new NpgsqlCommand(sql, connection);
        Bind(command.Parameters, values);
        return command;
    }

    private static void Bind(NpgsqlParameterCollection parameters, Values values)
    {
        foreach (var value in values.All)
        {
            parameters.Add(Parameter(value));
        }
    }

    private static NpgsqlParameter Parameter(in NamedValue value) => value.Kind switch
    {
        _ when value.IsNull => new NpgsqlParameter(value.Name, TypeOf(value.Kind)) { Value = DBNull.Value },
        ValueKind.Text => new NpgsqlParameter<string>(value.Name, NpgsqlDbType.Text) { TypedValue = value.Text },
        ValueKind.Integer => new NpgsqlParameter<int>(value.Name, NpgsqlDbType.Integer) { TypedValue = (int)value.Number },
        ValueKind.BigInteger => new NpgsqlParameter<long>(value.Name, NpgsqlDbType.Bigint) { TypedValue = value.Number },
        ValueKind.Flag => new NpgsqlParameter<bool>(value.Name, NpgsqlDbType.Boolean) { TypedValue = value.Number != 0 },
        ValueKind.Uuid => new NpgsqlParameter<Guid>(value.Name, NpgsqlDbType.Uuid) { TypedValue = value.Uuid },
        ValueKind.Bytes => new NpgsqlParameter<ArraySegment<byte>>(value.Name, NpgsqlDbType.Bytea) { TypedValue = value.Bytes },
        _ => throw new ArgumentOutOfRangeException(nameof(value)),
    };

    private static NpgsqlDbType TypeOf(ValueKind kind) => kind switch
    {
        ValueKind.Text => NpgsqlDbType.Text,
        ValueKind.Integer => NpgsqlDbType.Integer,
        ValueKind.BigInteger => NpgsqlDbType.Bigint,
        ValueKind.Flag => NpgsqlDbType.Boolean,
        ValueKind.Uuid => NpgsqlDbType.Uuid,
        ValueKind.Bytes => NpgsqlDbType.Bytea,
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
