namespace ReferralService.Ledger;

/// <summary>What was deleted because its time was over.</summary>
/// <param name="Referrals">Whose packages went.</param>
/// <param name="Bytes">Of packages and manifests, as they were before they were encrypted.</param>
/// <param name="Oldest">When the one that had rested longest came to rest; null when nothing went.</param>
internal sealed record PurgeRound(int Referrals, long Bytes, DateTimeOffset? Oldest)
{
    public static readonly PurgeRound Nothing = new(0, 0, null);
}

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
        r.package_version > r.package_purged_version AND r.state IN {AtRest} AND r.updated_at < @before
        AND NOT EXISTS (SELECT 1 FROM referral o WHERE o.ehr = r.ehr AND o.order_id = r.order_id AND (o.state NOT IN {AtRest} OR o.updated_at >= @before))
        """;

    private const string Find = $"""
        SELECT r.number, r.updated_at FROM referral r WHERE {IsOver} AND (r.updated_at, r.number) > (@after_at, @after)
        ORDER BY r.updated_at, r.number LIMIT @most
        """;

    private const string Mark = $"UPDATE referral AS r SET package_purged_at = @now, package_purged_version = package_version, revision = revision + 1 WHERE r.number = @number AND {IsOver}";

    private const string Note = """
        INSERT INTO timeline (referral, revision, position, event, at, state, recipient, attempt, package_id, package_digest, entries, error_code)
        SELECT number, revision, 0, 'package-purged', package_purged_at, state, recipient, attempt, package_id, package_digest, package_entries, error_code
        FROM referral WHERE number = @number
        """;

    /// <summary>Deletes what had come to rest before <paramref name="before"/>.</summary>
    public async Task<PurgeRound> PurgeAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var (purged, afterAt, after) = (PurgeRound.Nothing, 0L, 0L);
        while (true)
        {
            var values = new Values().Add("before", before).Add("after_at", afterAt).Add("after", after).Add("most", (int?)Slice);
            var slice = await database.ReadAsync(
                session => session.ReadRowsAsync(Find, values, row => (Number: row.GetInt64(0), At: row.GetInt64(1)), cancellationToken), cancellationToken);
            if (slice.Count == 0)
            {
                return purged;
            }

            var marked = await MarkAsync(slice, before, cancellationToken);
            // They come in the order in which they came to rest.
            purged = new(purged.Referrals + marked.Referrals, purged.Bytes + marked.Bytes, purged.Oldest ?? marked.Oldest);
            await vault.DeleteDoomedAsync(cancellationToken);
            (after, afterAt) = slice[^1];
        }
    }

    /// <summary>In one transaction: the mark, its line in the timeline, and the parts out of anyone's sight.</summary>
    private Task<PurgeRound> MarkAsync(List<(long Number, long At)> found, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var now = database.Clock.GetUtcNow();
        return database.WriteAsync(
            async session =>
            {
                var marked = new List<Values>(found.Count);
                var (bytes, oldest) = (0L, (DateTimeOffset?)null);
                foreach (var (number, at) in found)
                {
                    // Looked at again: a retry may have opened the order's loop since it was found.
                    var values = new Values().Add("now", now).Add("number", number).Add("before", before);
                    if (await session.ExecuteAsync(Mark, values, cancellationToken) > 0)
                    {
                        marked.Add(new Values().Add("number", number));
                        bytes += await session.ScalarAsync(VaultStatements.BytesOfReferral, marked[^1], cancellationToken) ?? 0;
                        oldest ??= Instants.FromMicroseconds(at);
                    }
                }

                await session.ExecuteEachAsync(Note, marked, cancellationToken);
                await session.ExecuteEachAsync(VaultStatements.DoomOfReferral, marked, cancellationToken);
                return new PurgeRound(marked.Count, bytes, oldest);
            },
            cancellationToken);
    }
}
