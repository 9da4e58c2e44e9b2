namespace ReferralService.Ledger;

internal enum VaultPart { Bundle, Manifest }

/// <summary>What was written: digest of the plain bytes.</summary>
internal sealed record VaultReceipt(string Digest, long Bytes, int Chunks);

/// <summary>Content at rest: packages and manifests in chunk rows of 256 KiB, streamed in and out, compressed if a setting says so, encrypted when there is a key.</summary>
/// <remarks>
/// Every write is a part row of its own; completing it makes it the one that is read. So a write that a killed process left half done is
/// never seen, and two that overlap (a step that lost its lease and its successor) cannot mix their chunks.
/// </remarks>
/// <param name="compress">Whether chunks are made smaller before they are stored; what is stored is read either way.</param>
internal sealed partial class PackageVault(LedgerDatabase database, VaultKeys? keys = null, bool compress = false)
{
    public const int ChunkBytes = 256 * 1024;

    private readonly VaultKeys _keys = keys ?? VaultKeys.None;

    /// <summary>Opens a write; chunks go to the database in short transactions as they fill, those of a small part with its completion.</summary>
    public Task<VaultWriter> OpenWriteAsync(Guid packageId, VaultPart part, CancellationToken cancellationToken)
        => OpenWriteAsync(packageId, Name(part), original: null, cancellationToken);

    /// <summary>Copies a part out, chunk by chunk. False: there is none (or it is not complete).</summary>
    /// <exception cref="VaultUnreadableException">Its key is not here, or it is not what was written. Never thrown after the last byte: what is damaged is not given whole.</exception>
    public async Task<bool> CopyToAsync(Guid packageId, VaultPart part, Stream destination, CancellationToken cancellationToken)
    {
        if (await FindAsync(packageId, part, cancellationToken) is not { } stored)
        {
            return false;
        }

        using var reading = new VaultReading(database, _keys, destination);
        while (!await reading.CopyAsync(stored, cancellationToken))
        {
            // A chunk is gone. Where the part was rewritten under another key meanwhile, the same bytes go on there.
            var next = await FindAsync(packageId, part, cancellationToken);
            if (next is null || next.Number == stored.Number || next.Digest != stored.Digest)
            {
                throw VaultUnreadableException.Damaged();
            }

            stored = next;
        }

        return true;
    }

    private static string Name(VaultPart part) => part switch
    {
        VaultPart.Bundle => "bundle",
        VaultPart.Manifest => "manifest",
        _ => throw new ArgumentOutOfRangeException(nameof(part)),
    };

    private async Task<StoredPart?> FindAsync(Guid packageId, VaultPart part, CancellationToken cancellationToken)
    {
        var key = new Values().Add("package_id", (Guid?)packageId).Add("part", Name(part));
        return (await database.ReadAsync(session => session.ReadRowsAsync(VaultStatements.Find, key, StoredPart.Read, cancellationToken), cancellationToken)).SingleOrDefault();
    }

    /// <param name="original">Of which this is to be a copy; null: it is new.</param>
    private async Task<VaultWriter> OpenWriteAsync(Guid packageId, string part, StoredPart? original, CancellationToken cancellationToken)
    {
        var hand = new PartInHand(packageId, part, original);
        if (original is not null)
        {
            // Other replicas see by the row that it is being copied.
            hand.Number = await database.WriteSinglyAsync(session => OpenAsync(session, hand, cancellationToken), cancellationToken);
        }

        return new ChunkingVaultWriter(StoredPart.ChunkTextUnder(_keys.Current), compress, (waiting, whole, token) => StoreAsync(hand, waiting, whole, token));
    }
}
