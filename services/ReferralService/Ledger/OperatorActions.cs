using System.Collections.Immutable;
using System.Data.Common;

namespace ReferralService.Ledger;

/// <summary>Filters of the record of what was done by hand, all optional; newest first.</summary>
internal sealed record OperatorActionQuery
{
    public ReferralId? Referral { get; init; }
    public string? Actor { get; init; }

    /// <summary>Only rows numbered below this.</summary>
    public long? Before { get; init; }

    /// <summary>1 to 200.</summary>
    public int Limit { get; init; } = 50;
}

/// <summary>The record of what was done by hand (table <c>ops_action</c>). It is only added to.</summary>
/// <remarks>
/// What the ledger itself does (retry, cancel, pause …) is recorded in the transaction that does it; what is done elsewhere (something shown, a queue touched) is
/// recorded before it is begun. So there is no act without its record; there may be a record of a view that the caller did not wait for.
/// </remarks>
internal sealed class OperatorActions(LedgerDatabase database)
{
    private const string Columns = "number, id, at, actor, role, action, referral, partner, bulk, reason, ticket, outcome";

    private const string Insert = """
        INSERT INTO ops_action (id, at, actor, role, action, referral, partner, bulk, reason, ticket, outcome)
        VALUES (@id, @at, @actor, @role, @action, @referral, @partner, @bulk, @reason, @ticket, @outcome)
        ON CONFLICT (id) DO NOTHING
        """;

    /// <summary>Returns once it is durable.</summary>
    /// <exception cref="ArgumentException">It has a text that is none of <see cref="OperatorWords"/>.</exception>
    public Task AppendAsync(OperatorAction action, CancellationToken cancellationToken)
        => database.WriteSinglyAsync(session => AppendAsync(session, action, cancellationToken), cancellationToken);

    public async Task<ImmutableArray<OperatorAction>> ListAsync(OperatorActionQuery query, CancellationToken cancellationToken)
    {
        var values = new Values();
        _ = query.Referral is { } referral ? values.Add("referral", referral) : values;
        _ = query.Actor is { } actor ? values.Add("actor", actor) : values;
        _ = query.Before is { } before ? values.Add("before", before) : values;
        values.Add("limit", (int?)Math.Clamp(query.Limit, 1, 200));
        return [.. await database.ReadAsync(session => session.ReadRowsAsync(List(query), values, Row, cancellationToken), cancellationToken)];
    }

    /// <summary>Within the transaction that does what is recorded.</summary>
    internal static Task<int> AppendAsync(LedgerSession session, OperatorAction action, CancellationToken cancellationToken)
        => session.ExecuteAsync(Insert, Written(action), cancellationToken);

    private static string List(OperatorActionQuery query)
    {
        string?[] filters =
        [
            query.Referral is null ? null : "referral = @referral",
            query.Actor is null ? null : "actor = @actor",
            query.Before is null ? null : "number < @before",
        ];
        var given = filters.OfType<string>().ToList();
        return $"SELECT {Columns} FROM ops_action {(given.Count == 0 ? "" : "WHERE " + string.Join(" AND ", given))} ORDER BY number DESC LIMIT @limit";
    }

    private static Values Written(OperatorAction action)
    {
        // Here, where every act passes, so that no caller can forget it.
        OperatorWords.Check(action);
        return new Values(11)
            .Add("id", (Guid?)action.Id).Add("at", action.At).Add("actor", action.Actor).Add("role", action.Role).Add("action", action.Action)
            .Add("referral", action.Referral?.Value).Add("partner", action.Partner).Add("bulk", action.Bulk).Add("reason", action.Reason).Add("ticket", action.Ticket)
            .Add("outcome", action.Outcome);
    }

    private static OperatorAction Row(DbDataReader row) => new()
    {
        Number = row.GetInt64(0),
        Id = row.GetGuid(1),
        At = row.Instant(2),
        Actor = row.GetString(3),
        Role = row.GetString(4),
        Action = row.GetString(5),
        Referral = row.UuidOrNull(6) is { } referral ? new ReferralId(referral) : null,
        Partner = row.TextOrNull(7),
        Bulk = row.UuidOrNull(8),
        Reason = row.TextOrNull(9),
        Ticket = row.TextOrNull(10),
        Outcome = row.GetString(11),
    };
}
