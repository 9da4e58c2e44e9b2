namespace ReferralService.Ledger;

internal enum VaultPart { Bundle, Manifest }

/// <summary>What was written: digest of the plain bytes.</summary>
internal sealed record VaultReceipt(string Digest, long Bytes, int Chunks);

/// <summary>Content at rest: packages and manifests in chunk rows of 256 KiB, streamed in and out.</summary>
internal sealed class PackageVault
{
    public const int ChunkBytes = 256 * 1024;

    /// <summary>Opens a write; chunks go to the database in short transactions as they fill. An earlier unfinished write of the same part is replaced.</summary>
    public Task<VaultWriter> OpenWriteAsync(Guid packageId, VaultPart part, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Copies a part out, chunk by chunk. False: there is none (or it is not complete).</summary>
    public Task<bool> CopyToAsync(Guid packageId, VaultPart part, Stream destination, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Deletes packages that no referral names and that are older than <paramref name="age"/>; in slices.</summary>
    public Task<int> PurgeOrphansAsync(TimeSpan age, CancellationToken cancellationToken) => throw new NotImplementedException();
}
