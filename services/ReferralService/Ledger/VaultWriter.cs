namespace ReferralService.Ledger;

/// <summary>A stream into the vault: hashes what passes, cuts it into chunks. Not complete until <see cref="CompleteAsync"/>; disposing before that leaves an orphan that is purged.</summary>
internal abstract class VaultWriter : Stream
{
    public abstract Task<VaultReceipt> CompleteAsync(CancellationToken cancellationToken);
}
