namespace ReferralService.Ledger;

/// <summary>
/// Which text each applied script had. A database whose script was another than this build's has another schema under the same number; its first
/// statement would fail in the middle of work. The build before this one neither reads nor writes this table.
/// </summary>
internal static class AppliedScripts
{
    /// <summary>Up to here scripts were applied by builds that kept no digest, and were never edited.</summary>
    private const int LastWithoutDigest = 1;

    private const string Make = "CREATE TABLE IF NOT EXISTS ledger_script (version integer PRIMARY KEY, sha256 text NOT NULL)";

    private const string Known = "SELECT version, sha256 FROM ledger_script";

    private const string Insert = "INSERT INTO ledger_script (version, sha256) VALUES (@version, @sha256)";

    /// <summary>Compares what a database at <paramref name="version"/> was made with; in the transaction that then applies what is missing.</summary>
    /// <exception cref="LedgerStartException">A script was applied in another edition.</exception>
    public static async Task CheckAsync(LedgerSession session, IReadOnlyList<LedgerScript> scripts, long version, CancellationToken cancellationToken)
    {
        await session.ExecuteAsync(Make, new Values(), cancellationToken);
        var rows = await session.ReadRowsAsync(Known, new Values(), row => (Version: row.GetInt32(0), Digest: row.GetString(1)), cancellationToken);
        var known = rows.ToDictionary(row => row.Version, row => row.Digest);
        foreach (var script in scripts.Where(script => script.Version <= version))
        {
            if (!known.TryGetValue(script.Version, out var digest) && script.Version <= LastWithoutDigest)
            {
                await KeepAsync(session, script, cancellationToken);
            }
            else if (digest != script.Digest)
            {
                throw new LedgerStartException(
                    $"The ledger was brought to schema {script.Version} by a build that was never released, with another script than this build's. Restore a backup from before that build, or begin with a new database.");
            }
        }
    }

    public static Task KeepAsync(LedgerSession session, LedgerScript script, CancellationToken cancellationToken)
        => session.ExecuteAsync(Insert, new Values().Add("version", (int?)script.Version).Add("sha256", script.Digest), cancellationToken);
}
