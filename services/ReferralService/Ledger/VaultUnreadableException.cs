using ReferralService.Contracts;

namespace ReferralService.Ledger;

/// <summary>A package is in the vault and cannot be given: its key is not here, or it is not what was written. Nothing of the content is in it.</summary>
internal sealed class VaultUnreadableException : Exception
{
    private VaultUnreadableException(string code, Exception? inner = null) : base(code, inner) => Code = code;

    /// <summary><c>vault-key-missing</c> or <c>vault-damaged</c>.</summary>
    public string Code { get; }

    /// <summary>Nothing is lost: it can be read again when the key is back in Vault:KeyFile.</summary>
    public static VaultUnreadableException KeyMissing() => new(ReasonCodes.VaultKeyMissing);

    /// <summary>Bytes are missing, or they are not those that were written: flipped, swapped, cut, or encrypted with another key of the same id.</summary>
    public static VaultUnreadableException Damaged(Exception? inner = null) => new(ReasonCodes.VaultDamaged, inner);
}
