namespace ReferralService.Ledger;

/// <summary>The statements of <see cref="PackageVault"/>; the same for both databases.</summary>
/// <remarks>A part whose <c>started_at</c> is 0 is doomed: no longer found, never completed, its chunks deleted in slices. An earlier build takes it for an old unfinished write and deletes it as well.</remarks>
internal static class VaultStatements
{
    public const string Open = "INSERT INTO package_part (package_id, part, started_at, key_id) VALUES (@package_id, @part, @at, @key_id) RETURNING number";

    /// <summary>Only into a part that is not doomed.</summary>
    public const string WriteChunk = """
        INSERT INTO package_chunk (part, n, bytes) SELECT @number, @n, @bytes WHERE EXISTS (SELECT 1 FROM package_part p WHERE p.number = @number AND p.started_at > 0)
        ON CONFLICT (part, n) DO UPDATE SET bytes = excluded.bytes
        """;

    /// <summary>A package that a referral already names never changes under it: only the same bytes may be completed again (a step that lost its lease finds itself refused here).</summary>
    public const string Complete = """
        UPDATE package_part SET digest = @digest, bytes = @bytes, chunks = @chunks, completed_at = @at
        WHERE number = @number AND started_at > 0
            AND (NOT EXISTS (SELECT 1 FROM referral WHERE package_id = @package_id)
                OR NOT EXISTS (SELECT 1 FROM package_part other
                    WHERE other.package_id = @package_id AND other.part = @part AND other.completed_at IS NOT NULL AND other.digest <> @digest))
        """;

    /// <summary>A copy under another key takes its original's place, as long as that stands.</summary>
    public const string CompleteCopy = """
        UPDATE package_part SET digest = @digest, bytes = @bytes, chunks = @chunks, completed_at = @at
        WHERE number = @number AND started_at > 0
            AND EXISTS (SELECT 1 FROM package_part original WHERE original.number = @original AND original.completed_at IS NOT NULL AND original.digest = @digest)
        """;

    /// <summary>The write whose digest the referral names; else (the manifest, or no referral names it yet) the latest complete one.</summary>
    public const string Find = $"""
        SELECT {PartColumns} FROM package_part p
        WHERE package_id = @package_id AND part = @part AND completed_at IS NOT NULL
        ORDER BY CASE WHEN EXISTS (SELECT 1 FROM referral r WHERE r.package_id = p.package_id AND r.package_digest = p.digest) THEN 0 ELSE 1 END, number DESC LIMIT 1
        """;

    public const string ReadChunk = "SELECT bytes FROM package_chunk WHERE part = @number AND n = @n";

    public const string LastNumber = "SELECT max(number) FROM package_part";

    /// <summary>The next part up to @last that is in clear or under another key than the present one (@key_id; null: that is encrypted at all), and that no other replica has just begun to copy.</summary>
    public const string NextToEncrypt = $"""
        SELECT {PartColumns} FROM package_part p
        WHERE p.completed_at IS NOT NULL AND p.number > @after AND p.number <= @last AND coalesce(p.key_id, '') <> coalesce(@key_id, '')
            AND NOT EXISTS (SELECT 1 FROM package_part copy
                WHERE copy.package_id = p.package_id AND copy.part = p.part AND copy.number > p.number
                    AND ((copy.completed_at IS NOT NULL AND copy.digest = p.digest) OR (copy.completed_at IS NULL AND copy.started_at > @lately)))
        ORDER BY p.number LIMIT 1
        """;

    /// <summary>How many complete parts and disclosures there are under each key.</summary>
    public const string Encrypted = """
        SELECT key_id, count(*) FROM (
            SELECT key_id FROM package_part WHERE key_id IS NOT NULL AND completed_at IS NOT NULL
            UNION ALL SELECT key_id FROM disclosure WHERE key_id IS NOT NULL) kept
        GROUP BY key_id ORDER BY key_id
        """;

    public const string KnownKeys = "SELECT id, check_value FROM vault_key";

    public const string KnownIds = "SELECT id FROM vault_key ORDER BY id";

    /// <summary>When nothing is encrypted any more, not even a write that was never finished.</summary>
    public const string ForgetKeys = """
        DELETE FROM vault_key
        WHERE NOT EXISTS (SELECT 1 FROM package_part p WHERE p.key_id IS NOT NULL) AND NOT EXISTS (SELECT 1 FROM disclosure d WHERE d.key_id IS NOT NULL)
        """;

    public const string KnowKey = "INSERT INTO vault_key (id, check_value, since) VALUES (@id, @check_value, @since) ON CONFLICT (id) DO NOTHING";

    /// <summary>How many parts and disclosures there are under each key; null: in clear.</summary>
    public const string KeysInUse = "SELECT key_id, count(*) FROM (SELECT key_id FROM package_part UNION ALL SELECT key_id FROM disclosure) kept GROUP BY key_id";

    /// <summary>Another complete write has the same bytes and is the one that is read.</summary>
    private const string IsReplaced = """
        EXISTS (SELECT 1 FROM package_part same
            WHERE same.package_id = p.package_id AND same.part = p.part AND same.completed_at IS NOT NULL AND same.digest = p.digest AND same.number > p.number)
        """;

    /// <summary>Old writes never completed, those of packages that no referral names or ever named or whose time is over, and complete ones that a later one replaced.</summary>
    private const string IsOrphan = $"""
        p.started_at > 0 AND p.started_at < @before AND (
            p.completed_at IS NULL
            OR (NOT EXISTS (SELECT 1 FROM referral r WHERE r.package_id = p.package_id)
                AND NOT EXISTS (SELECT 1 FROM timeline t WHERE t.package_id = p.package_id AND t.event = 'packaged'))
            OR EXISTS (SELECT 1 FROM referral r WHERE r.package_id = p.package_id AND r.package_purged_version = r.package_version)
            OR {IsReplaced}
            OR (EXISTS (SELECT 1 FROM package_part later
                    WHERE later.package_id = p.package_id AND later.part = p.part AND later.completed_at IS NOT NULL AND later.number > p.number)
                AND NOT EXISTS (SELECT 1 FROM referral r WHERE r.package_id = p.package_id AND r.package_digest = p.digest)))
        """;

    private const string IsOfReferral = """
        p.package_id IN (
            SELECT t.package_id FROM timeline t WHERE t.referral = @number AND t.event = 'packaged' AND t.package_id IS NOT NULL
            UNION SELECT r.package_id FROM referral r WHERE r.number = @number AND r.package_id IS NOT NULL)
        """;

    private const string DoomPart = "UPDATE package_part AS p SET completed_at = NULL, started_at = 0 WHERE";

    private const string PartColumns = "p.number, p.package_id, p.part, p.digest, p.bytes, p.chunks, p.key_id";

    public const string Orphans = $"SELECT p.number FROM package_part p WHERE {IsOrphan} AND p.number > @after ORDER BY p.number LIMIT @most";

    public const string DoomOrphan = $"{DoomPart} p.number = @number AND {IsOrphan}";

    public const string DoomReplaced = $"{DoomPart} p.number = @number AND {IsReplaced}";

    /// <summary>Every version ever packaged for a referral, by its row number.</summary>
    public const string DoomOfReferral = $"{DoomPart} {IsOfReferral}";

    /// <summary>Plain bytes of what <see cref="DoomOfReferral"/> takes out of sight.</summary>
    public const string BytesOfReferral = $"SELECT CAST(sum(p.bytes) AS bigint) FROM package_part p WHERE p.completed_at IS NOT NULL AND {IsOfReferral}";

    public const string DeleteDoomedChunks = """
        DELETE FROM package_chunk WHERE (part, n) IN (
            SELECT c.part, c.n FROM package_part p JOIN package_chunk c ON c.part = p.number WHERE p.started_at = 0 LIMIT @chunks)
        """;

    public const string DeleteDoomedParts = """
        DELETE FROM package_part WHERE number IN (
            SELECT p.number FROM package_part p
            WHERE p.started_at = 0 AND NOT EXISTS (SELECT 1 FROM package_chunk c WHERE c.part = p.number) LIMIT @parts)
        """;
}
