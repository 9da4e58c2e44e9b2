using Microsoft.Extensions.Logging.Abstractions;
using ReferralService.Ledger;
using ReferralService.Ledger.Sqlite;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Ledger;

/// <summary>What the start says of how packages are stored.</summary>
internal sealed class LedgerOpeningTests
{
    private static readonly (string, byte[]) Key = ("k1", new byte[32]);

    [TestCase(true, true, "and those that are encrypted are rewritten in clear", TestName = "With keys and Vault:InClear what is encrypted is rewritten")]
    [TestCase(true, false, "and what is encrypted stays as it is", TestName = "Without keys nothing is said to be rewritten")]
    [TestCase(false, true, "Packages are encrypted with key k1", TestName = "With keys packages are encrypted")]
    [TestCase(false, false, "Vault:KeyFile is not set", TestName = "Without keys packages are in clear")]
    public async Task The_log_says_what_becomes_of_packages(bool inClear, bool withKeys, string said)
    {
        var folder = Directory.CreateTempSubdirectory("referral-opening-");
        var options = new LedgerOptions { Keys = new VaultKeys(withKeys ? [Key] : []) { InClear = inClear } };
        var log = new LogLines<LedgerOpening>();
        await using (var database = new SqliteLedger($"Data Source={Path.Combine(folder.FullName, "referrals.db")}", new ManualTimeProvider(), NullLogger<SqliteLedger>.Instance))
        {
            var check = new VaultKeyCheck(database, new PackageVault(database, options.Keys), options);
            await new LedgerOpening(database, check, options, database.Clock, log).StartAsync(CancellationToken.None);
        }

        folder.Delete(recursive: true);
        Assert.That(log.Lines, Has.Count.EqualTo(2).And.One.Contains(said));
    }
}
