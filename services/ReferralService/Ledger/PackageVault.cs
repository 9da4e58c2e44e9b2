using System.Buffers;

namespace ReferralService.Ledger;

internal enum VaultPart { Bundle, Manifest }

/// <summary>What was written: digest of the plain bytes.</summary>
internal sealed record VaultReceipt(string Digest, long Bytes, int Chunks);

/// <summary>Content at rest: packages and manifests in chunk rows of 256 KiB, streamed in and out.</summary>
/// <remarks>
/// Every write is a part row of its own; completing it makes it the one that is read. So a write that a killed process left half done is
/// never seen, and two that overlap (a step that lost its lease and its successor) cannot mix their chunks.
/// </remarks>
internal sealed class PackageVault(LedgerDatabase database)
{
    public const int ChunkBytes = 256 * 1024;

    private const int PurgeSlice = 20;

    /// <summary>Opens a write; chunks go to the database in short transactions as they fill. An earlier unfinished write of the same part is replaced.</summary>
    public async Task<VaultWriter> OpenWriteAsync(Guid packageId, VaultPart part, CancellationToken cancellationToken)
    {
        var key = new Values().Add("package_id", (Guid?)packageId).Add("part", Name(part)).Add("at", database.Clock.GetUtcNow());
        var number = await database.WriteSinglyAsync(session => session.ScalarAsync(VaultStatements.Open, key, cancellationToken), cancellationToken);
        return new ChunkingVaultWriter(
            (n, bytes, token) => WriteChunkAsync(number!.Value, n, bytes, token),
            (receipt, token) => CompleteAsync(number!.Value, packageId, part, receipt, token));
    }

    /// <summary>Copies a part out, chunk by chunk. False: there is none (or it is not complete).</summary>
    public async Task<bool> CopyToAsync(Guid packageId, VaultPart part, Stream destination, CancellationToken cancellationToken)
    {
        var key = new Values().Add("package_id", (Guid?)packageId).Add("part", Name(part));
        var found = await database.ReadAsync(
            session => session.ReadRowsAsync(VaultStatements.Find, key, row => (Number: row.GetInt64(0), Chunks: row.GetInt32(1)), cancellationToken), cancellationToken);
        if (found.Count == 0)
        {
            return false;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            for (var n = 0; n < found[0].Chunks; n++)
            {
                var chunk = new Values().Add("number", found[0].Number).Add("n", (int?)n);
                var length = await database.ReadAsync(session => session.ReadBytesAsync(VaultStatements.ReadChunk, chunk, buffer, cancellationToken), cancellationToken);
                if (length < 0)
                {
                    throw new InvalidOperationException("vault-chunk-missing");
                }

                await destination.WriteAsync(buffer.AsMemory(0, length), cancellationToken);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }

        return true;
    }

    /// <summary>Deletes packages that no referral names and that are older than <paramref name="age"/>, and what unfinished or replaced writes left; in slices.</summary>
    /// <returns>How many writes were removed.</returns>
    public async Task<int> PurgeOrphansAsync(TimeSpan age, CancellationToken cancellationToken)
    {
        var before = database.Clock.GetUtcNow() - age;
        var (purged, after) = (0, 0L);
        while (true)
        {
            // Looked for among the readers, so that the search keeps no writer waiting; looked at again by the writer.
            var values = new Values().Add("before", before).Add("after", after).Add("most", (int?)PurgeSlice);
            var slice = await database.ReadAsync(session => session.ReadRowsAsync(VaultStatements.Orphans, values, row => row.GetInt64(0), cancellationToken), cancellationToken);
            foreach (var number in slice)
            {
                purged += await PurgeAsync(number, before, cancellationToken);
            }

            if (slice.Count < PurgeSlice)
            {
                return purged;
            }

            after = slice[^1];
        }
    }

    private static string Name(VaultPart part) => part switch
    {
        VaultPart.Bundle => "bundle",
        VaultPart.Manifest => "manifest",
        _ => throw new ArgumentOutOfRangeException(nameof(part)),
    };

    private Task<int> PurgeAsync(long number, DateTimeOffset before, CancellationToken cancellationToken) => database.WriteAsync(
        async session =>
        {
            if (await session.ScalarAsync(VaultStatements.StillOrphan, new Values().Add("number", number).Add("before", before), cancellationToken) is null)
            {
                return 0;
            }

            var key = new Values().Add("number", number);
            await session.ExecuteAsync(VaultStatements.DeleteChunks, key, cancellationToken);
            return await session.ExecuteAsync(VaultStatements.DeletePart, key, cancellationToken);
        },
        cancellationToken);

    private Task<int> WriteChunkAsync(long number, int n, ArraySegment<byte> bytes, CancellationToken cancellationToken)
        => database.WriteSinglyAsync(
            session => session.ExecuteAsync(VaultStatements.WriteChunk, new Values().Add("number", number).Add("n", (int?)n).Add("bytes", bytes), cancellationToken),
            cancellationToken);

    private async Task CompleteAsync(long number, Guid packageId, VaultPart part, VaultReceipt receipt, CancellationToken cancellationToken)
    {
        var values = new Values().Add("number", number).Add("package_id", (Guid?)packageId).Add("part", Name(part)).Add("digest", receipt.Digest)
            .Add("bytes", receipt.Bytes).Add("chunks", (int?)receipt.Chunks).Add("at", database.Clock.GetUtcNow());
        if (await database.WriteSinglyAsync(session => session.ExecuteAsync(VaultStatements.Complete, values, cancellationToken), cancellationToken) == 0)
        {
            throw new InvalidOperationException("vault-package-sealed");
        }
    }
}
