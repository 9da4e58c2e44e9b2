namespace ReferralService.Ledger;

internal sealed partial class ReferralBook
{
    /// <summary>Leases due rows, oldest first: fence + 1, lease until now + Lease. A row whose step had begun under a lease that ran out gets one crash more.</summary>
    public async Task<IReadOnlyList<ClaimedReferral>> ClaimDueAsync(ClaimLimits limits, CancellationToken cancellationToken)
    {
        if (limits.Most <= 0)
        {
            return [];
        }

        var values = new Values().Add("now", database.Clock.GetUtcNow()).Add("most", (int?)limits.Most).Add("room", (int?)(limits.Shared ? limits.Most : -1))
            .Add("per_ehr", (int?)limits.PerEhr).Add("per_recipient", (int?)limits.PerRecipient).Add("lease", limits.Lease).Add("replica", database.Replica);
        var claimed = await database.WriteAheadAsync(
            session => session.ReadRowsAsync(_sql.ClaimDue, values,
                row => (Claim: new ClaimedReferral(row.ReferralId(0), row.GetInt64(1), row.State(2), row.GetString(3), row.TextOrNull(4), row.GetInt32(5)), DueAt: row.GetInt64(6)),
                cancellationToken),
            cancellationToken);
        return [.. claimed.OrderBy(c => c.DueAt).Select(c => c.Claim)];
    }

    /// <summary>Takes over a claimed row to work on it: fence + 1 (so that a doubled wake-up finds nothing), Working, lease, and the state that working means. Null: nothing to do.</summary>
    /// <remarks>Received becomes gathering; packaged stays: entering delivering is a transition of the delivery step.</remarks>
    public async Task<Referral?> BeginAsync(ReferralId id, long fence, TimeSpan lease, CancellationToken cancellationToken)
    {
        var now = database.Clock.GetUtcNow().AsStored();
        var begun = await TakeAsync(
            id, fence,
            (session, turn) => database.Sql.WritesTransitionInOneStatement
                ? session.ReadRowsAsync(_sql.Begin, Holder(id, fence, turn).Add("lease", lease).Add("now", now), ReferralRow.Read, cancellationToken)
                : BeginFoundAsync(session, id, fence, turn, lease, now, cancellationToken),
            cancellationToken);
        if (begun is { State: ReferralState.Gathering, GatherTries: 0, ErrorCode: null }) Measures.Entered(ReferralState.Gathering.Name(), null);
        return begun;
    }

    /// <summary>Takes a row that was packaged just now over for its delivery, as a claim and a begin would, if these would find it now: its recipient has a place, nobody has waited longer for it, neither partner is paused.</summary>
    /// <param name="places">Deliveries to one recipient under lease at once, as of <see cref="ClaimLimits.PerRecipient"/>.</param>
    /// <returns>Null: it waits for its turn.</returns>
    public async Task<Referral?> TakeUpAsync(ReferralId id, long fence, int places, TimeSpan lease, CancellationToken cancellationToken)
    {
        var now = database.Clock.GetUtcNow();
        try
        {
            return places <= 0
                ? null
                : await TakeAsync(
                    id, fence,
                    (session, turn) => session.ReadRowsAsync(
                        _sql.TakeUp, Holder(id, fence, turn).Add("lease", lease).Add("now", now).Add("places", (int?)places), ReferralRow.Read, cancellationToken),
                    cancellationToken);
        }
        finally
        {
            // Of the place that its gathering had, and of this row where it waits.
            work.Steps.Set();
        }
    }

    private async Task<Referral?> TakeAsync(ReferralId id, long fence, Func<LedgerSession, long, Task<List<Referral>>> take, CancellationToken cancellationToken)
    {
        var turn = Interlocked.Increment(ref _turn);
        var again = false;
        var rows = await database.WriteAheadAsync(
            async session =>
            {
                var taken = await take(session, turn);
                if (taken.Count == 0 && again)
                {
                    // The answer of our own commit was lost: nothing to do would leave the row to a lease that runs out, and that is a crash.
                    taken = await session.ReadRowsAsync(ReferralStatements.FindBegun, Holder(id, fence, turn), ReferralRow.Read, cancellationToken);
                }

                again = true;
                return taken;
            },
            cancellationToken);
        return rows.SingleOrDefault();
    }

    private Values Holder(ReferralId id, long fence, long turn) => new Values().Add("id", id).Add("fence", fence).Add("replica", database.Replica).Add("turn", turn);

    /// <summary>Extends the lease of the holder. False: it is lost.</summary>
    public Task<bool> RenewAsync(ReferralId id, long fence, TimeSpan lease, CancellationToken cancellationToken)
        => database.WriteAheadAsync(
            async session => await session.ExecuteAsync(_sql.Renew, new Values().Add("id", id).Add("fence", fence).Add("lease", lease), cancellationToken) == 1,
            cancellationToken);

    /// <summary>Writes a step's transition if <paramref name="known"/>'s fence still holds; a row changed meanwhile under the same fence (a cancel noted) is read again and <paramref name="apply"/> called again.</summary>
    /// <param name="keepLease">Whether the holder goes on working; else Working and the lease are cleared.</param>
    /// <param name="takesUp">The dispatcher is not told of a packaged row: the caller tries <see cref="TakeUpAsync"/> first.</param>
    /// <returns>The row written, or null: the lease is lost, nothing was written.</returns>
    public async Task<Referral?> AdvanceAsync(
        Referral known, Func<Referral, Transition> apply, TimeSpan? keepLease, CancellationToken cancellationToken, bool takesUp = false)
    {
        var ended = database.Clock.GetUtcNow().AsStored();
        // Outlives a run: when a commit's answer was lost, the next run finds its own write by it.
        Referral? tried = null;
        var advanced = await database.WriteSinglyAsync(
            async session =>
            {
                if (tried is not null && await FindAsync(session, known.Id, cancellationToken) is { } found && IsWritten(found, tried))
                {
                    return found;
                }

                for (var row = known; ;)
                {
                    var transition = apply(row);
                    tried = ReferralWriting.AsStored(transition.After) with
                    {
                        Crashes = 0, Working = keepLease is not null, Revision = row.Revision + 1, Number = row.Number,
                        WaitsSince = keepLease is null ? ended : row.WaitsSince,
                    };
                    if (await WriteStepAsync(session, tried, row, transition, keepLease, cancellationToken) is { } written)
                    {
                        return written;
                    }

                    var now = await FindAsync(session, known.Id, cancellationToken);
                    if (now is null || now.Fence != known.Fence)
                    {
                        // A transition may itself have moved the fence, and its commit's answer may have been lost.
                        return now is not null && IsWritten(now, tried) ? now : null;
                    }

                    if (IsWritten(now, tried))
                    {
                        return now;
                    }

                    row = now;
                }
            },
            cancellationToken);
        work.Events.Set();
        if (keepLease is null && !(takesUp && advanced is { State: ReferralState.Packaged })) work.Steps.Set();
        if (advanced is not null && EnteredState.IsNew(known, advanced)) Measures.Entered(advanced.State.Name(), advanced.ErrorCode);
        return advanced;
    }

    /// <summary>Gives a claimed or begun row back unchanged: due at <paramref name="dueAt"/>, no crash counted.</summary>
    public async Task ReleaseAsync(ReferralId id, long fence, DateTimeOffset dueAt, CancellationToken cancellationToken)
    {
        var values = new Values().Add("id", id).Add("fence", fence).Add("due_at", dueAt).Add("now", database.Clock.GetUtcNow());
        await database.WriteSinglyAsync(
            session => session.ExecuteAsync(ReferralStatements.Release, values, cancellationToken),
            cancellationToken);
        work.Steps.Set();
    }

    /// <summary>Gives a claim back that nothing was begun under: due as it was, so that it does not lose its turn.</summary>
    public async Task HandBackAsync(ReferralId id, long fence, CancellationToken cancellationToken)
    {
        await database.WriteAheadAsync(
            session => session.ExecuteAsync(ReferralStatements.HandBack, new Values().Add("id", id).Add("fence", fence), cancellationToken), cancellationToken);
        work.Steps.Set();
    }

    /// <summary>Whether what stands there is our own write, whose answer was lost.</summary>
    private static bool IsWritten(Referral found, Referral tried) => found == tried with { LeaseUntil = found.LeaseUntil };

    private async Task<Referral?> WriteStepAsync(
        LedgerSession session, Referral after, Referral known, Transition transition, TimeSpan? keepLease, CancellationToken cancellationToken)
    {
        if (!database.Sql.WritesTransitionInOneStatement)
        {
            return await WriteStepApartAsync(session, after with { LeaseUntil = (database.Clock.GetUtcNow() + keepLease).AsStored() }, known, transition, cancellationToken);
        }

        var values = ReferralWriting.ForAdvance(after, known, keepLease, Awaiting.Of(known, after, transition.Entries)).Add("lines", ReferralWriting.LinesAsJson(transition.Entries)).Add("publish", options.PublishesEvents);
        if (options.Webhooks.Count > 0)
        {
            values.Add("told", ReferralWriting.ToldAsJson(WebhookLine.Of(options.Webhooks, after.Ehr, transition.Entries)));
        }

        var written = await session.ReadRowsAsync(_sql.Advance, values, row => (Number: row.GetInt64(0), LeaseUntil: row.InstantOrNull(1)), cancellationToken);
        return written is [var (number, leaseUntil)] ? after with { Number = number, LeaseUntil = leaseUntil } : null;
    }

    /// <summary>The same with a statement for each part.</summary>
    private async Task<Referral?> WriteStepApartAsync(LedgerSession session, Referral after, Referral known, Transition transition, CancellationToken cancellationToken)
    {
        var columns = ReferralColumns.Differing(known, after);
        var awaiting = Awaiting.Of(known, after, transition.Entries);
        if (await session.ExecuteAsync(
            _sql.ChangeOf(columns, !awaiting.IsSame, guarded: true), ReferralWriting.ForChangeOf(after, known, columns, awaiting, guarded: true), cancellationToken) != 1)
        {
            return null;
        }

        await WriteLinesAsync(session, after.Ehr, known.Number, after.Revision, transition.Entries, cancellationToken);
        return after;
    }

    /// <summary>Read first: an update that says what may have become of a state writes every index that has the state in it, whatever it was.</summary>
    private async Task<List<Referral>> BeginFoundAsync(
        LedgerSession session, ReferralId id, long fence, long turn, TimeSpan lease, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (await session.ReadRowsAsync(ReferralStatements.FindToBegin, new Values().Add("id", id).Add("fence", fence), ReferralRow.Read, cancellationToken) is not [var found])
        {
            return [];
        }

        var begun = found with { Fence = found.Fence + 1, Working = true, LeaseUntil = (now + lease).AsStored(), Revision = found.Revision + 1 };
        var values = new Values().Add("number", found.Number).Add("lease_until", begun.LeaseUntil).Add("replica", database.Replica).Add("turn", turn);
        if (found.State == ReferralState.Received)
        {
            begun = begun with { State = ReferralState.Gathering, UpdatedAt = now };
            await session.ExecuteAsync(ReferralStatements.BeginReceived, values.Add("now", now), cancellationToken);
        }
        else
        {
            await session.ExecuteAsync(ReferralStatements.BeginFound, values, cancellationToken);
        }

        return [begun];
    }
}
