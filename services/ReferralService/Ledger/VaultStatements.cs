namespace ReferralService.Ledger;

/// <summary>The statements of <see cref="PackageVault"/>; the same for both databases.</summary>
internal static class VaultStatements
{
    public const string Open = "INSERT INTO package_part (package_id, part, started_at) VALUES (@package_id, @part, @at) RETURNING number";

    public const string WriteChunk = "INSERT INTO package_chunk (part, n, bytes) VALUES (@number, @n, @bytes) ON CONFLICT (part, n) DO UPDATE SET bytes = excluded.bytes";

    /// <summary>A package that a referral already names never changes under it: only the same bytes may be completed again (a step that lost its lease finds itself refused here).</summary>
    public const string Complete = """
        UPDATE package_part SET digest = @digest, bytes = @bytes, chunks = @chunks, completed_at = @at
        WHERE number = @number
            AND (NOT EXISTS (SELECT 1 FROM referral WHERE package_id = @package_id)
                OR NOT EXISTS (SELECT 1 FROM package_part other
                    WHERE other.package_id = @package_id AND other.part = @part AND other.completed_at IS NOT NULL AND other.digest <> @digest))
        """;

    /// <summary>The write whose digest the referral names; else (the manifest, or no referral names it yet) the latest complete one.</summary>
    public const string Find = """
        SELECT number, chunks FROM package_part p
        WHERE package_id = @package_id AND part = @part AND completed_at IS NOT NULL
        ORDER BY CASE WHEN EXISTS (SELECT 1 FROM referral r WHERE r.package_id = p.package_id AND r.package_digest = p.digest) THEN 0 ELSE 1 END, number DESC LIMIT 1
        """;

    public const string ReadChunk = "SELECT bytes FROM package_chunk WHERE part = @number AND n = @n";

    public const string DeleteChunks = "DELETE FROM package_chunk WHERE part = @number";

    public const string DeletePart = "DELETE FROM package_part WHERE number = @number";

    /// <summary>Old writes never completed, those of packages that no referral names or ever named, and complete ones that a later one replaced.</summary>
    private const string IsOrphan = """
        p.started_at < @before AND (
            p.completed_at IS NULL
            OR (NOT EXISTS (SELECT 1 FROM referral r WHERE r.package_id = p.package_id)
                AND NOT EXISTS (SELECT 1 FROM timeline t WHERE t.package_id = p.package_id AND t.event = 'packaged'))
            OR (EXISTS (SELECT 1 FROM package_part later
                    WHERE later.package_id = p.package_id AND later.part = p.part AND later.completed_at IS NOT NULL AND later.number > p.number)
                AND NOT EXISTS (SELECT 1 FROM referral r WHERE r.package_id = p.package_id AND r.package_digest = p.digest)))
        """;

    public const string Orphans = $"SELECT p.number FROM package_part p WHERE {IsOrphan} AND p.number > @after ORDER BY p.number LIMIT @most";

    public const string StillOrphan = $"SELECT p.number FROM package_part p WHERE p.number = @number AND {IsOrphan}";
}
