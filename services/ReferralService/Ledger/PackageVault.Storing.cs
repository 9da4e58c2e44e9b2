using System.Buffers;

namespace ReferralService.Ledger;

internal sealed partial class PackageVault
{
    /// <summary>A part under way to the ledger. Its row is there from its first chunks on.</summary>
    /// <param name="original">Of which this is to be a copy; null: it is new.</param>
    private sealed class PartInHand(Guid packageId, string name, StoredPart? original)
    {
        public Guid PackageId { get; } = packageId;

        public string Name { get; } = name;

        public StoredPart? Original { get; } = original;

        public long? Number { get; set; }
    }

    private Task<long> OpenAsync(LedgerSession session, PartInHand part, CancellationToken cancellationToken)
        => RequireAsync(session.ScalarAsync(
            VaultStatements.Open,
            new Values().Add("package_id", (Guid?)part.PackageId).Add("part", part.Name).Add("at", database.Clock.GetUtcNow()).Add("key_id", _keys.Current),
            cancellationToken));

    /// <summary>Everything in one transaction, so that what is small needs one sync.</summary>
    /// <param name="whole">The part is complete with these; null: more will follow.</param>
    private async Task StoreAsync(PartInHand part, WaitingChunks waiting, VaultReceipt? whole, CancellationToken cancellationToken)
    {
        var stored = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            part.Number = await WriteAsync(
                async session =>
                {
                    // It may run again: sealing leaves what waits as it is, and a row that was undone is made anew.
                    var number = part.Number ?? await OpenAsync(session, part, cancellationToken);
                    using var cipher = _keys.CipherFor(_keys.Current, part.PackageId, part.Name, number);
                    foreach (var chunk in waiting.Chunks)
                    {
                        var values = new Values().Add("number", number).Add("n", (int?)chunk.N).Add("bytes", Sealed(waiting.TextOf(chunk), chunk, cipher, stored));
                        if (await session.ExecuteAsync(VaultStatements.WriteChunk, values, cancellationToken) == 0)
                        {
                            throw new InvalidOperationException("vault-part-doomed");
                        }
                    }

                    if (whole is not null)
                    {
                        await CompleteAsync(session, part, number, whole, cancellationToken);
                    }

                    return number;
                },
                cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(stored, clearArray: _keys.Current is null);
        }
    }

    /// <summary>As it stands in the row: the mark if it is packed, and nonce, text and tag if there is a key.</summary>
    private static ArraySegment<byte> Sealed(ReadOnlySpan<byte> text, WaitingChunk chunk, ChunkCipher? cipher, byte[] room)
    {
        var head = chunk.IsPacked ? PackedChunk.Mark : [];
        head.CopyTo(room);
        var stored = new ArraySegment<byte>(room, 0, head.Length + text.Length + (cipher is null ? 0 : ChunkCipher.Overhead));
        if (cipher is null)
        {
            text.CopyTo(room.AsSpan(head.Length));
        }
        else
        {
            text.CopyTo(room.AsSpan(head.Length + ChunkCipher.NonceBytes));
            cipher.Seal(stored.AsSpan(head.Length), chunk.N, chunk.IsLast, chunk.IsPacked ? PackedChunk.Format : ChunkCipher.PlainFormat);
        }

        return stored;
    }

    private async Task CompleteAsync(LedgerSession session, PartInHand part, long number, VaultReceipt receipt, CancellationToken cancellationToken)
    {
        var values = new Values().Add("number", number).Add("digest", receipt.Digest).Add("bytes", receipt.Bytes).Add("chunks", (int?)receipt.Chunks).Add("at", database.Clock.GetUtcNow());
        if (part.Original is { } original)
        {
            // No row: the original was purged while it was copied, and the copy goes the same way.
            await session.ExecuteAsync(VaultStatements.CompleteCopy, values.Add("original", (long?)original.Number), cancellationToken);
        }
        else if (await session.ExecuteAsync(VaultStatements.Complete, values.Add("package_id", (Guid?)part.PackageId).Add("part", part.Name), cancellationToken) == 0)
        {
            throw new InvalidOperationException("vault-package-sealed");
        }
    }

    /// <summary>On disk at the latest with the transition that names the package; until then nobody was told of it.</summary>
    private Task<T> WriteAsync<T>(Func<LedgerSession, Task<T>> work, CancellationToken cancellationToken)
        => database.Sql is Dialect.Sqlite ? database.WriteAheadAsync(work, cancellationToken) : database.WriteAsync(work, cancellationToken);

    private static async Task<long> RequireAsync(Task<long?> number) => (await number)!.Value;
}
