namespace ReferralService.Ledger;

internal sealed partial class PackageVault
{
    private const int FoundAtOnce = 20;

    /// <summary>4 MiB: what is deleted in one transaction, which nobody should notice waiting for.</summary>
    private const int ChunksAtOnce = 16;

    private const int PartsAtOnce = 100;

    /// <summary>Deletes packages that no referral names (or whose time is over) and that are older than <paramref name="age"/>, and what unfinished or replaced writes left; in slices.</summary>
    /// <returns>How many writes were removed.</returns>
    public async Task<int> PurgeOrphansAsync(TimeSpan age, CancellationToken cancellationToken)
    {
        var before = database.Clock.GetUtcNow() - age;
        var (doomed, after) = (0, 0L);
        while (true)
        {
            // Looked for among the readers, so that the search keeps no writer waiting; looked at again by the writer.
            var values = new Values().Add("before", before).Add("after", after).Add("most", (int?)FoundAtOnce);
            var slice = await database.ReadAsync(session => session.ReadRowsAsync(VaultStatements.Orphans, values, row => row.GetInt64(0), cancellationToken), cancellationToken);
            foreach (var number in slice)
            {
                doomed += await DoomAsync(VaultStatements.DoomOrphan, new Values().Add("number", number).Add("before", before), cancellationToken);
            }

            if (slice.Count < FoundAtOnce)
            {
                break;
            }

            after = slice[^1];
        }

        await DeleteDoomedAsync(cancellationToken);
        return doomed;
    }

    /// <summary>Deletes the bytes of doomed parts, in slices; what a process that was killed has left of them, too.</summary>
    public async Task DeleteDoomedAsync(CancellationToken cancellationToken)
    {
        var chunks = new Values().Add("chunks", (int?)ChunksAtOnce);
        var parts = new Values().Add("parts", (int?)PartsAtOnce);
        int deleted;
        do
        {
            deleted = await database.WriteAsync(
                async session => await session.ExecuteAsync(VaultStatements.DeleteDoomedChunks, chunks, cancellationToken)
                    + await session.ExecuteAsync(VaultStatements.DeleteDoomedParts, parts, cancellationToken),
                cancellationToken);
        }
        while (deleted > 0);
    }

    /// <summary>What deleted chunks left in the database's own files.</summary>
    public Task WipeAsync(CancellationToken cancellationToken) => database.WipeAsync(cancellationToken);

    private Task<int> DoomAsync(string statement, Values values, CancellationToken cancellationToken)
        => database.WriteSinglyAsync(session => session.ExecuteAsync(statement, values, cancellationToken), cancellationToken);
}
