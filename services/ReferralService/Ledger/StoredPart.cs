using System.Data.Common;

namespace ReferralService.Ledger;

/// <summary>A complete part as its row tells it.</summary>
/// <param name="Digest">Of the plain bytes.</param>
/// <param name="Bytes">Plain ones.</param>
/// <param name="KeyId">Null: in clear.</param>
internal sealed record StoredPart(long Number, Guid PackageId, string Part, string Digest, long Bytes, int Chunks, string? KeyId)
{
    /// <summary>Plain bytes in each chunk but the last; a chunk with nonce and tag is as long as one in clear.</summary>
    public int ChunkText => ChunkTextUnder(KeyId);

    public static int ChunkTextUnder(string? keyId) => keyId is null ? PackageVault.ChunkBytes : PackageVault.ChunkBytes - ChunkCipher.Overhead;

    public static StoredPart Read(DbDataReader row)
        => new(row.GetInt64(0), row.GetGuid(1), row.GetString(2), row.GetString(3), row.GetInt64(4), row.GetInt32(5), row.TextOrNull(6));
}
