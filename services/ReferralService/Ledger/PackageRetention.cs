namespace ReferralService.Ledger;

/// <summary>Deletes packages and manifests whose time is over. What stays is the referral: its ids, digests, counts and timeline.</summary>
/// <remarks>
/// The time runs while every referral of the order rests (delivered, failed, cancelled), from the last change to any of them: as long as one is open,
/// the record may still be asked about. Every version that was packaged for the referral goes.
/// </remarks>
internal sealed class PackageRetention(LedgerDatabase database, PackageVault vault)
{
    /// <summary>Referrals marked in one transaction: some milliseconds of the one writer's time.</summary>
    private const int Slice = 25;

    private const string AtRest = "('delivered', 'failed', 'cancelled')";

    private const string IsOver = $"""
        r.package_version > 0 AND r.package_purged_at IS NULL AND r.state IN {AtRest} AND r.updated_at < @before
        AND NOT EXISTS (SELECT 1 FROM referral o WHERE o.ehr = r.ehr AND o.order_id = r.order_id AND (o.state NOT IN {AtRest} OR o.updated_at >= @before))
        """;

    private const string Find = $"""
        SELECT r.number, r.updated_at FROM referral r WHERE {IsOver} AND (r.updated_at, r.number) > (@after_at, @after)
        ORDER BY r.updated_at, r.number LIMIT @most
        """;

    private const string Mark = $"UPDATE referral AS r SET package_purged_at = @now, revision = revision + 1 WHERE r.number = @number AND {IsOver}";

    private const string Note = """
        INSERT INTO timeline (referral, revision, position, event, at, state, recipient, attempt, package_id, package_digest, entries, error_code)
        SELECT number, revision, 0, 'package-purged', package_purged_at, state, recipient, attempt, package_id, package_digest, package_entries, error_code
        FROM referral WHERE number = @number
        """;

    /// <summary>Deletes what had come to rest before <paramref name="before"/>.</summary>
    /// <returns>How many referrals' packages went.</returns>
    public async Task<int> PurgeAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var (purged, afterAt, after) = (0, 0L, 0L);
        while (true)
        {
            var values = new Values().Add("before", before).Add("after_at", afterAt).Add("after", after).Add("most", (int?)Slice);
            var slice = await database.ReadAsync(
                session => session.ReadRowsAsync(Find, values, row => (Number: row.GetInt64(0), At: row.GetInt64(1)), cancellationToken), cancellationToken);
            if (slice.Count == 0)
            {
                return purged;
            }

            purged += await MarkAsync([.. slice.Select(row => row.Number)], before, cancellationToken);
            await vault.DeleteDoomedAsync(cancellationToken);
            (after, afterAt) = slice[^1];
        }
    }

    /// <summary>In one transaction: the mark, its line in the timeline, and the parts out of anyone's sight.</summary>
    private Task<int> MarkAsync(IReadOnlyList<long> numbers, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var now = database.Clock.GetUtcNow();
        return database.WriteAsync(
            async session =>
            {
                var marked = new List<Values>(numbers.Count);
                foreach (var number in numbers)
                {
                    // Looked at again: a retry may have opened the order's loop since it was found.
                    var values = new Values().Add("now", now).Add("number", number).Add("before", before);
                    if (await session.ExecuteAsync(Mark, values, cancellationToken) > 0)
                    {
                        marked.Add(new Values().Add("number", number));
                    }
                }

                await session.ExecuteEachAsync(Note, marked, cancellationToken);
                await session.ExecuteEachAsync(VaultStatements.DoomOfReferral, marked, cancellationToken);
                return marked.Count;
            },
            cancellationToken);
    }
}
