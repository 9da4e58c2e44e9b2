using System.Collections.Immutable;

namespace ReferralService.Ledger;

/// <summary>The referrals: creation, decisions, steps under lease, reading.</summary>
internal sealed partial class ReferralBook(LedgerDatabase database, LedgerOptions options, WorkSignals work)
{
    private readonly ReferralStatements _sql = new(database.Sql, options.Webhooks.Count > 0);
    private long _turn;

    /// <summary>Reads the rows of <paramref name="scope"/>, oldest first, lets <paramref name="decide"/> choose, writes its choice; one transaction, serialized with every other decision on the same order.</summary>
    /// <remarks><paramref name="decide"/> is pure and may be called again after a conflict. An empty list means there are none.</remarks>
    public Task<T> DecideAsync<T>(DecisionScope scope, Func<ImmutableArray<Referral>, Decision<T>> decide, CancellationToken cancellationToken)
        => DecideAsync(scope, decide, byHand: null, cancellationToken);

    /// <summary>The same for what a person wants: in the same transaction it is recorded that it was done, or why not.</summary>
    /// <param name="byHand">The record, by the answer; null: nobody did it by hand.</param>
    public async Task<T> DecideAsync<T>(
        DecisionScope scope, Func<ImmutableArray<Referral>, Decision<T>> decide, Func<T, OperatorAction>? byHand, CancellationToken cancellationToken)
    {
        var (answer, entered) = await database.WriteAsync(
            async session =>
            {
                var rows = await LockAndReadAsync(session, scope, cancellationToken);
                var decision = decide(rows);
                var decided = await WriteAsync(session, rows, decision, cancellationToken);
                if (byHand is not null)
                {
                    await OperatorActions.AppendAsync(session, byHand(decided), cancellationToken);
                }

                return (decided, EnteredState.Of(rows, decision));
            },
            cancellationToken);
        work.Steps.Set();
        work.Events.Set();
        EnteredState.Count(entered);
        return answer;
    }

    /// <summary>The same for a command: in the same transaction its id and answer are kept, so that its repetition gets the first answer.</summary>
    public async Task<CommandReceipt> DecideCommandAsync(
        CommandKey command, DecisionScope scope, Func<ImmutableArray<Referral>, Decision<string>> decide, CancellationToken cancellationToken)
    {
        var (receipt, entered) = await database.WriteAsync<(CommandReceipt, IReadOnlyList<Referral>)>(
            async session =>
            {
                var rows = await LockAndReadAsync(session, scope, cancellationToken);
                var kept = await session.ReadRowsAsync(ReferralStatements.FindCommand, new Values().Add("id", command.Id),
                    row => (Body: row.GetString(0), Answer: row.GetString(1)), cancellationToken);
                if (kept.Count > 0)
                {
                    return (kept[0].Body == command.BodySha256 ? new CommandReceipt.Answered(kept[0].Answer, FirstTime: false) : new CommandReceipt.IdReused(), []);
                }

                var decision = decide(rows);
                var answer = await WriteAsync(session, rows, decision, cancellationToken);
                await session.ExecuteAsync(ReferralStatements.KeepCommand,
                    new Values().Add("id", command.Id).Add("body_sha256", command.BodySha256).Add("answer", answer).Add("at", database.Clock.GetUtcNow()), cancellationToken);
                return (new CommandReceipt.Answered(answer, FirstTime: true), EnteredState.Of(rows, decision));
            },
            cancellationToken);
        work.Steps.Set();
        work.Events.Set();
        EnteredState.Count(entered);
        return receipt;
    }

    /// <summary>Of the newest <paramref name="most"/> commands those that were refused, by code.</summary>
    public async Task<IReadOnlyDictionary<string, int>> RefusedCommandsAsync(int most, CancellationToken cancellationToken)
    {
        var sql = $"SELECT code, count(*) FROM (SELECT {database.Sql.Member("answer", "code")} AS code FROM command ORDER BY at DESC LIMIT @most) newest WHERE code IS NOT NULL GROUP BY code";
        var rows = await database.ReadAsync(
            session => session.ReadRowsAsync(sql, new Values().Add("most", (int?)most), row => (Code: row.GetString(0), Count: (int)row.GetInt64(1)), cancellationToken), cancellationToken);
        return rows.ToDictionary(row => row.Code, row => row.Count, StringComparer.Ordinal);
    }

    /// <summary>Forgets up to <paramref name="most"/> command ids kept before <paramref name="before"/>; how many it were.</summary>
    public Task<int> PurgeCommandsAsync(DateTimeOffset before, int most, CancellationToken cancellationToken)
        => database.WriteSinglyAsync(
            session => session.ExecuteAsync(ReferralStatements.PurgeCommands, new Values().Add("before", before).Add("most", (int?)most), cancellationToken), cancellationToken);

    private async Task<ImmutableArray<Referral>> LockAndReadAsync(LedgerSession session, DecisionScope scope, CancellationToken cancellationToken)
    {
        var (ehr, order) = scope switch
        {
            DecisionScope.Order whole => (whole.Ehr, whole.OrderId),
            DecisionScope.One one => (await session.ReadRowsAsync(ReferralStatements.FindOrder, new Values().Add("id", one.Id),
                row => (row.GetString(0), row.GetString(1)), cancellationToken)).SingleOrDefault(),
            _ => throw new InvalidOperationException("decision-scope-unknown"),
        };
        if (ehr is null)
        {
            return [];
        }

        if (database.Sql is Dialect.PostgreSql)
        {
            // Row locks do not keep two callers from both finding no row; this does.
            await session.ReadRowsAsync(ReferralStatements.LockOrder, new Values().Add("key", $"{ehr}/{order}"), _ => true, cancellationToken);
        }

        return [.. await session.ReadRowsAsync(_sql.FindForUpdate, new Values().Add("ehr", ehr).Add("order_id", order), ReferralRow.Read, cancellationToken)];
    }

    private async Task<T> WriteAsync<T>(LedgerSession session, ImmutableArray<Referral> rows, Decision<T> decision, CancellationToken cancellationToken)
    {
        foreach (var created in decision.Created)
        {
            var number = await session.ScalarAsync(ReferralStatements.Insert, ReferralWriting.ForInsert(created.After, Awaiting.Of(null, created.After, created.Entries)), cancellationToken);
            await WriteLinesAsync(session, created.After.Ehr, number!.Value, 1, created.Entries, cancellationToken);
        }

        foreach (var changed in decision.Changed)
        {
            var row = rows.FirstOrDefault(r => r.Id == changed.After.Id) ?? throw new InvalidOperationException("decision-beyond-its-scope");
            if (changed.Entries.IsEmpty && changed.After == row)
            {
                continue;
            }

            if (await ChangeAsync(session, changed, row, cancellationToken) != 1)
            {
                throw new InvalidOperationException("decision-row-moved");
            }

            await WriteLinesAsync(session, row.Ehr, row.Number, row.Revision + 1, changed.Entries, cancellationToken);
        }

        return decision.Answer;
    }

    private Task<int> ChangeAsync(LedgerSession session, Transition changed, Referral row, CancellationToken cancellationToken)
    {
        var (after, awaiting) = (changed.After, Awaiting.Of(row, changed.After, changed.Entries));
        if (database.Sql.WritesTransitionInOneStatement)
        {
            return session.ExecuteAsync(ReferralStatements.Change, ReferralWriting.ForChange(after, row.Revision, awaiting), cancellationToken);
        }

        var columns = ReferralColumns.Differing(row, after);
        return session.ExecuteAsync(
            _sql.ChangeOf(columns, !awaiting.IsSame, guarded: false), ReferralWriting.ForChangeOf(after, row, columns, awaiting, guarded: false), cancellationToken);
    }

    private async Task WriteLinesAsync(LedgerSession session, string ehr, long number, long revision, ImmutableArray<TimelineEntry> lines, CancellationToken cancellationToken)
    {
        if (lines.IsEmpty)
        {
            return;
        }

        await session.ExecuteEachAsync(ReferralStatements.InsertLine,
            [.. lines.Select((line, position) => ReferralWriting.ForLine(number, revision, position, line))], cancellationToken);
        if (options.PublishesEvents)
        {
            await session.ExecuteEachAsync(_sql.Queue,
                [.. lines.Index().Where(l => l.Item.Sequence is not null).Select(l => ReferralWriting.ForQueue(number, revision, l.Index, l.Item.Sequence!.Value))],
                cancellationToken);
        }

        if (WebhookLine.Of(options.Webhooks, ehr, lines) is { Count: > 0 } told)
        {
            await session.ExecuteEachAsync(_sql.QueueForWebhook, [.. told.Select(line => ReferralWriting.ForWebhook(line, number, revision))], cancellationToken);
        }
    }
}
