namespace ReferralService.Ledger;

/// <summary>Notices and sweeps: what the outside told, until it has been looked into.</summary>
internal sealed class NoticeBook(LedgerDatabase database, WorkSignals work)
{
    private readonly NoticeStatements _sql = new(database.Sql);
    private readonly SubscriptionStatements _subscription = new(database.Sql);

    /// <summary>Stores hints in one transaction; returns when durable. A version already looked into is no news and changes nothing.</summary>
    public async Task RecordAsync(IReadOnlyList<NoticeHint> hints, CancellationToken cancellationToken)
    {
        if (hints.Count == 0)
        {
            return;
        }

        var each = ValuesOf(hints);
        await database.WriteSinglyAsync(
            async session =>
            {
                await session.ExecuteEachAsync(NoticeStatements.Record, each, cancellationToken);
                return true;
            },
            cancellationToken);
        work.Notices.Set();
    }

    /// <summary>Stores what a hook came to in one transaction: its hints, what it tells of the subscription it came from, and a sweep where it (or a count that began again) makes one due.</summary>
    /// <param name="news">Null where no subscription is kept at this EHR.</param>
    public async Task RecordHookAsync(string ehr, IReadOnlyList<NoticeHint> hints, bool sweepDue, SubscriptionNews? news, CancellationToken cancellationToken)
    {
        if (news is not { Highest: not null } and not { IsStopped: true })
        {
            await RecordAsync(hints, cancellationToken);
            if (sweepDue) await RecordSweepDueAsync(ehr, cancellationToken);
            if (news is not null) await ExecuteAsync(SubscriptionStatements.Sign, SignOf(ehr, database.Clock.GetUtcNow()), cancellationToken);
            return;
        }

        await database.WriteAsync(
            async session =>
            {
                await WriteAsync(session, hints, cancellationToken);
                bool beganAgain = await CountAsync(session, ehr, news, cancellationToken);
                if (sweepDue || beganAgain) await session.ExecuteAsync(NoticeStatements.AskSweep, new Values().Add("ehr", ehr), cancellationToken);
                return true;
            },
            cancellationToken);
        work.Notices.Set();
        work.Sweeps.Set();
        work.Subscriptions.Set();
    }

    /// <summary>A hook that named nothing: one sweep of this EHR becomes due now; many of them are still one.</summary>
    public async Task RecordSweepDueAsync(string ehr, CancellationToken cancellationToken)
    {
        await ExecuteAsync(NoticeStatements.AskSweep, new Values().Add("ehr", ehr), cancellationToken);
        work.Sweeps.Set();
    }

    /// <summary>How an order was heard of last; null: it was not, it was asked for.</summary>
    public async Task<NoticeSource?> HeardByAsync(string ehr, string orderId, CancellationToken cancellationToken)
    {
        var found = await database.ReadAsync(
            session => session.ReadRowsAsync("SELECT source FROM notice WHERE ehr = @ehr AND order_id = @order_id", new Values().Add("ehr", ehr).Add("order_id", orderId),
                row => Enum.Parse<NoticeSource>(row.GetString(0), ignoreCase: true), cancellationToken),
            cancellationToken);
        return found is [var source] ? source : null;
    }

    /// <summary>Leases due notices, oldest first, none of the EHRs named full. <see cref="ClaimedNotice.Tries"/> counts this try too.</summary>
    public async Task<IReadOnlyList<ClaimedNotice>> ClaimAsync(int most, TimeSpan lease, IReadOnlyCollection<string> fullEhrs, CancellationToken cancellationToken)
    {
        if (most <= 0)
        {
            return [];
        }

        var waiting = await database.ReadAsync(
            session => session.ReadRowsAsync(NoticeStatements.WaitingEhrs, new Values(), row => row.GetString(0), cancellationToken), cancellationToken);
        var now = database.Clock.GetUtcNow();
        var claimed = new List<(ClaimedNotice Notice, long DueAt)>();
        var free = waiting.Where(ehr => !fullEhrs.Contains(ehr)).ToList();
        for (var i = 0; i < free.Count && claimed.Count < most; i++)
        {
            // What is left is shared among the EHRs that have not been asked yet.
            var share = (most - claimed.Count + free.Count - i - 1) / (free.Count - i);
            var values = new Values().Add("ehr", free[i]).Add("now", now).Add("most", (int?)share).Add("lease", lease).Add("replica", database.Replica);
            claimed.AddRange(await database.WriteAheadAsync(
                session => session.ReadRowsAsync(_sql.Claim, values,
                    row => (new ClaimedNotice(row.GetString(0), row.GetString(1), row.TextOrNull(2), row.GetInt64(3), row.GetInt32(4), row.Instant(5),
                        Enum.Parse<NoticeSource>(row.GetString(6), ignoreCase: true), row.TextOrNull(7)), row.GetInt64(8)),
                    cancellationToken),
                cancellationToken));
        }

        return [.. claimed.OrderBy(c => c.DueAt).Select(c => c.Notice)];
    }

    /// <summary>Closes a notice with its outcome: <c>created</c>, <c>joined</c>, or <c>ignored</c> and the reason. A newer generation stays due.</summary>
    public Task CloseAsync(ClaimedNotice notice, string outcome, string? reason, string? version, CancellationToken cancellationToken)
        => ExecuteAsync(NoticeStatements.Close,
            Key(notice).Add("now", database.Clock.GetUtcNow()).Add("outcome", outcome).Add("reason", reason).Add("version", version), cancellationToken);

    /// <summary>Could not be looked into: due again then, unless a newer hint came meanwhile.</summary>
    public Task DeferAsync(ClaimedNotice notice, DateTimeOffset dueAt, string code, CancellationToken cancellationToken)
        => ExecuteAsync(NoticeStatements.Defer, Key(notice).Add("due_at", dueAt).Add("code", code), cancellationToken);

    /// <summary>Makes sure an EHR's cursor exists; the first start begins at <paramref name="begin"/>.</summary>
    /// <param name="onOurClock">Whether that is our clock's instant: the first sweep translates it to the EHR's, which may be minutes or a day apart.</param>
    public Task OpenCursorAsync(string ehr, DateTimeOffset begin, bool onOurClock, CancellationToken cancellationToken)
        => ExecuteAsync(NoticeStatements.OpenCursor, new Values().Add("ehr", ehr).Add("cursor", begin).Add("ours", onOurClock), cancellationToken);

    /// <summary>Leases an EHR's sweep if it is due: a hook asked for it, or <paramref name="interval"/> (if not zero) has passed since the last one began. Null: not due, or another replica has it.</summary>
    public async Task<ClaimedSweep?> ClaimSweepAsync(string ehr, TimeSpan interval, TimeSpan lease, CancellationToken cancellationToken)
    {
        var values = new Values().Add("ehr", ehr).Add("now", database.Clock.GetUtcNow()).Add("interval", interval).Add("lease", lease).Add("replica", database.Replica);
        var claimed = await database.WriteSinglyAsync(
            session => session.ReadRowsAsync(_sql.ClaimSweep, values, row => new ClaimedSweep(ehr, row.Instant(0), row.GetInt64(1), row.Flag(2)), cancellationToken), cancellationToken);
        return claimed.SingleOrDefault();
    }

    /// <summary>While a sweep is under way, whatever it waits for.</summary>
    /// <returns>False when its lease was lost.</returns>
    public async Task<bool> RenewSweepAsync(ClaimedSweep sweep, CancellationToken cancellationToken)
        => await database.WriteSinglyAsync(session => session.ExecuteAsync(_sql.RenewSweep, Key(sweep), cancellationToken), cancellationToken) == 1;

    /// <summary>Stores what one page saw: a notice for every order whose version is new. The cursor does not move; the sweep's lease is renewed.</summary>
    public async Task RecordSweepPageAsync(ClaimedSweep sweep, IReadOnlyList<SweptOrder> page, CancellationToken cancellationToken)
    {
        var each = ValuesOf([.. page.Select(order => new NoticeHint(sweep.Ehr, order.OrderId, order.Version, NoticeSource.Poll))]);
        await database.WriteAsync(
            async session =>
            {
                await session.ExecuteEachAsync(NoticeStatements.Record, each, cancellationToken);
                return await session.ExecuteAsync(_sql.RenewSweep, Key(sweep), cancellationToken);
            },
            cancellationToken);
        work.Notices.Set();
    }

    /// <summary>Every page is stored: the cursor moves to <paramref name="cursor"/>, never back. Nothing happens when the sweep's lease was lost.</summary>
    public Task CompleteSweepAsync(ClaimedSweep sweep, DateTimeOffset cursor, CancellationToken cancellationToken)
        => ExecuteAsync(NoticeStatements.CompleteSweep, Key(sweep).Add("cursor", cursor), cancellationToken);

    /// <summary>The sweep failed: due again then, from the same cursor.</summary>
    public Task DeferSweepAsync(ClaimedSweep sweep, DateTimeOffset dueAt, CancellationToken cancellationToken)
        => ExecuteAsync(NoticeStatements.DeferSweep, Key(sweep).Add("due_at", dueAt), cancellationToken);

    /// <summary>Hints as part of a larger transaction; always its first statements, so that all lock in one order.</summary>
    internal Task WriteAsync(LedgerSession session, IReadOnlyList<NoticeHint> hints, CancellationToken cancellationToken)
        => hints.Count == 0 ? Task.CompletedTask : session.ExecuteEachAsync(NoticeStatements.Record, ValuesOf(hints), cancellationToken);

    private async Task<bool> CountAsync(LedgerSession session, string ehr, SubscriptionNews news, CancellationToken cancellationToken)
    {
        var rows = await session.ReadRowsAsync(_subscription.ForCount, new Values().Add("ehr", ehr), SubscriptionBook.Row, cancellationToken);
        // Numbers of another subscription that was made by hand mean nothing for ours.
        if (rows is not [var kept] || (kept.ResourceId is { } ours && news.ResourceId is { } its && ours != its)) return false;
        var now = database.Clock.GetUtcNow();
        var (count, beganAgain) = kept.Count.Hear(news, now);
        await session.ExecuteAsync(SubscriptionStatements.Hear,
            new Values().Add("ehr", ehr).Add("now", now).Add("seen", count.Seen).Add("told", count.Told).Add("told_at", count.ToldAt).Add("gap_at", count.GapAt).Add("count_began_at", count.BeganAt)
                .Add("stopped", news.IsStopped),
            cancellationToken);
        return beganAgain;
    }

    private static Values SignOf(string ehr, DateTimeOffset now) => new Values().Add("ehr", ehr).Add("now", now).Add("before", now.AddSeconds(-1));

    private static Values Key(ClaimedNotice notice) => new Values().Add("ehr", notice.Ehr).Add("order_id", notice.OrderId).Add("generation", notice.Generation);

    private static Values Key(ClaimedSweep sweep) => new Values().Add("ehr", sweep.Ehr).Add("fence", sweep.Fence);

    // In one order for everybody, so that two transactions never wait for each other's rows.
    private List<Values> ValuesOf(IReadOnlyList<NoticeHint> hints) => [.. hints
        .OrderBy(hint => hint.Ehr, StringComparer.Ordinal).ThenBy(hint => hint.OrderId, StringComparer.Ordinal)
        .Select(hint => new Values().Add("ehr", hint.Ehr).Add("order_id", hint.OrderId).Add("version", hint.Version)
            .Add("source", hint.Source.ToString().ToLowerInvariant()).Add("trace_parent", hint.TraceParent).Add("now", database.Clock.GetUtcNow()))];

    private Task<int> ExecuteAsync(string sql, Values values, CancellationToken cancellationToken)
        => database.WriteSinglyAsync(session => session.ExecuteAsync(sql, values, cancellationToken), cancellationToken);
}
