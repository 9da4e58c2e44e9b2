namespace ReferralService.Ledger;

/// <summary>The keys that packages are encrypted with, by id. A class, so that nothing ever prints one.</summary>
internal sealed class VaultKeys
{
    /// <summary>Packages are stored in clear.</summary>
    public static readonly VaultKeys None = new([]);

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
    public string? Current => Ids.Count == 0 ? null : Ids[0];

    /// <summary>Members of the file's group can read it.</summary>
    public bool SharedWithGroup { get; init; }

    public bool Has(string? id) => id is null || _keys.ContainsKey(id);

    /// <returns>Null for what is in clear.</returns>
    /// <exception cref="VaultUnreadableException">There is no such key.</exception>
    public ChunkCipher? CipherFor(string? keyId, Guid packageId, string part, long number)
        => keyId is null ? null
            : _keys.TryGetValue(keyId, out var key) ? new ChunkCipher(key, packageId, part, number)
            : throw VaultUnreadableException.KeyMissing();
}
