using System.Security.Cryptography;
using System.Text;

namespace ReferralService.Ledger;

/// <summary>The keys that packages are encrypted with, by id. A class, so that nothing ever prints one.</summary>
internal sealed class VaultKeys
{
    /// <summary>Packages are stored in clear.</summary>
    public static readonly VaultKeys None = new([]);

    private const int CheckBytes = 16;
    private static readonly byte[] CheckPurpose = "referral-service/vault-key-check/1"u8.ToArray();

    private readonly Dictionary<string, byte[]> _keys;

    /// <param name="keys">Ids and AES-256 keys; the first one encrypts, the others only decrypt.</param>
    public VaultKeys(IReadOnlyList<(string Id, byte[] Key)> keys)
    {
        _keys = keys.ToDictionary(k => k.Id, k => k.Key, StringComparer.Ordinal);
        Ids = [.. keys.Select(k => k.Id)];
    }

    /// <summary>In the order of the file.</summary>
    public IReadOnlyList<string> Ids { get; }

    /// <summary>The id of the key that encrypts; null: in clear.</summary>
    public string? Current => Ids.Count == 0 || InClear ? null : Ids[0];

    /// <summary>By a person's will (<c>Vault:InClear</c>) no key encrypts, and what is encrypted is rewritten in clear.</summary>
    public bool InClear { get; init; }

    /// <summary>Members of the file's group can read it.</summary>
    public bool SharedWithGroup { get; init; }

    public bool Has(string? id) => id is null || _keys.ContainsKey(id);

    /// <summary>By what a key of this file is known again: 128 bits derived from it (HKDF, RFC 5869), from which nobody comes back to it.</summary>
    public string CheckValue(string id) => Convert.ToHexStringLower(HKDF.DeriveKey(HashAlgorithmName.SHA256, _keys[id], CheckBytes, info: CheckPurpose));

    /// <summary>A digest by which equal texts can be found and from which, without the key, none can be told; of the text alone where there is no key.</summary>
    /// <param name="purpose">What it finds: each has a key of its own, so that digests of one purpose say nothing about those of another.</param>
    /// <exception cref="VaultUnreadableException">There is no such key.</exception>
    public string Blind(string text, string? keyId, string purpose = "disclosure patient")
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        if (keyId is null)
        {
            return Convert.ToHexStringLower(SHA256.HashData(bytes));
        }

        if (!_keys.TryGetValue(keyId, out var key))
        {
            throw VaultUnreadableException.KeyMissing();
        }

        // A key of its own: what seals is not used to name.
        return Convert.ToHexStringLower(HMACSHA256.HashData(HKDF.DeriveKey(HashAlgorithmName.SHA256, key, 32, info: Encoding.UTF8.GetBytes($"referral-service {purpose}")), bytes));
    }

    /// <returns>Null for what is in clear.</returns>
    /// <exception cref="VaultUnreadableException">There is no such key.</exception>
    public ChunkCipher? CipherFor(string? keyId, Guid packageId, string part, long number)
        => keyId is null ? null
            : _keys.TryGetValue(keyId, out var key) ? new ChunkCipher(key, packageId, part, number)
            : throw VaultUnreadableException.KeyMissing();
}
