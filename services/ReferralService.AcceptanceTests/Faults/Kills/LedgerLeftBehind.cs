using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using ReferralService.Ledger;
using ReferralService.Ledger.Sqlite;
using ReferralService.Tests.Support;

namespace ReferralService.AcceptanceTests.Faults.Kills;

/// <summary>The SQLite ledger of a service that is dead, looked into from here.</summary>
internal sealed class LedgerLeftBehind : IAsyncDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly SqliteLedger _ledger;

    private LedgerLeftBehind(SqliteLedger ledger) => _ledger = ledger;

    private PackageVault Vault => new(_ledger);

    /// <param name="after">How much later than now it is looked at.</param>
    public static async Task<LedgerLeftBehind> OpenAsync(string file, TimeSpan after = default)
    {
        var ledger = new SqliteLedger($"Data Source={file}", new ManualTimeProvider(TimeProvider.System.GetUtcNow() + after), NullLogger<SqliteLedger>.Instance);
        await ledger.OpenAsync(None);
        return new LedgerLeftBehind(ledger);
    }

    public Task<long?> CountAsync(string sql) => _ledger.ReadAsync(session => session.ScalarAsync(sql, new Values(), None), None);

    public Task<string> TextAsync(string sql)
        => _ledger.ReadAsync(async session => (await session.ReadRowsAsync(sql, new Values(), row => row.GetString(0), None)).Single(), None);

    /// <summary>What the bytes in the vault really hash to, of the one package that a referral names.</summary>
    public async Task<string> PackageDigestAsync()
    {
        var package = Guid.Parse(await TextAsync("SELECT package_id FROM referral WHERE package_id IS NOT NULL"));
        using var bytes = new MemoryStream();
        Assert.That(await Vault.CopyToAsync(package, VaultPart.Bundle, bytes, None), Is.True);
        return $"sha-256:{Convert.ToHexStringLower(SHA256.HashData(bytes.ToArray()))}";
    }

    public Task<int> PurgeOrphansAsync() => Vault.PurgeOrphansAsync(LedgerUpkeep.OrphansKept, None);

    public ValueTask DisposeAsync() => _ledger.DisposeAsync();
}
