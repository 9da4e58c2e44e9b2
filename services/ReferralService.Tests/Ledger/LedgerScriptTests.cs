using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using ReferralService.Ledger;
using ReferralService.Ledger.Sqlite;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Ledger;

/// <summary>Scripts that were applied somewhere stay as they are; a database made with another edition is refused.</summary>
internal sealed class LedgerScriptTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private DirectoryInfo _folder = null!;

    private string File => Path.Combine(_folder.FullName, "referrals.db");

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("referral-scripts-");

    [TearDown]
    public void DeleteFolder() => _folder.Delete(recursive: true);

    /// <summary>This digest is in databases. What a new build needs comes in a script with the next number.</summary>
    [TestCase("sqlite", 1, "4f808f7cfd3ee09d758937126ab4d2f217f1fa9875b1408ffa087d7c146ce702")]
    [TestCase("sqlite", 2, "28b73ea7b27f1e71ed3f481e2a65c6e34f8ecd63f4d6f0a5764e65092a141133")]
    [TestCase("sqlite", 3, "6c9bfc41f2a2d0e4a6c9c039fd2605d1bd9bb61f2fa064e85467c5a3a6336df7")]
    [TestCase("sqlite", 4, "a5acd11b63d912972bc5dc3580f561e239a27ea29032fa2f391a49365900e53c")]
    [TestCase("sqlite", 5, "c4cb292b68becd5ba4230be37fe7b74badb9573ac2bee7fcccd2a86dc82cc631")]
    [TestCase("postgresql", 1, "c320aa29993086051b25d435d5584a38456742c29192ba613ba982ab3147fb7f")]
    [TestCase("postgresql", 2, "a4180c6dea16406ff7a2903c22cd80d74548e2b6822d4006b70c5c483efa5157")]
    [TestCase("postgresql", 3, "52cb546f6f7810edec2dd3cb55e2f4a5ff106a76eba35d504cb1257f18368ded")]
    [TestCase("postgresql", 4, "98a4770f5d7cfe98b436c97b880ea6eb0befee1061ff7b64b46e25334b0ff6a8")]
    [TestCase("postgresql", 5, "637a0088f92b13eff905b43bb3758f7513149ecddcb18689f7138ffebcaf1b45")]
    public void A_script_is_never_edited(string folder, int version, string digest)
        => Assert.That(LedgerScripts.Of(folder).Single(script => script.Version == version).Digest, Is.EqualTo(digest));

    [TestCase("sqlite")]
    [TestCase("postgresql")]
    public void Every_script_is_frozen_here(string folder)
        => Assert.That(LedgerScripts.Of(folder).Select(script => script.Version), Is.EqualTo(new[] { 1, 2, 3, 4, 5 }), "a new script needs its line above");

    [TestCase("UPDATE ledger_script SET sha256 = 'another' WHERE version = 2", TestName = "A database made with another edition of a script is refused")]
    [TestCase("DROP TABLE ledger_script", TestName = "A database made by a build that kept no digest of the second script is refused")]
    public async Task Another_edition_is_refused_in_a_sentence(string change)
    {
        await OpenAndCloseAsync();
        Run(change);

        Assert.That(OpenAndCloseAsync, Throws.TypeOf<LedgerStartException>().With.Message.StartsWith("The ledger was brought to schema 2 by a build that was never released"));
    }

    [Test]
    public async Task A_database_of_the_first_schema_needs_no_digest()
    {
        Run(LedgerScripts.Of("sqlite")[0].Sql);
        Run("PRAGMA user_version = 1");

        await OpenAndCloseAsync();

        Assert.That(OpenAndCloseAsync, Throws.Nothing, "and has them from then on");
    }

    private async Task OpenAndCloseAsync()
    {
        await using var ledger = new SqliteLedger($"Data Source={File}", new ManualTimeProvider(), NullLogger<SqliteLedger>.Instance);
        await ledger.OpenAsync(None);
    }

    private void Run(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
