using Microsoft.Data.Sqlite;
using ReferralService.Ledger.Sqlite;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Ledger;

[TestFixture]
internal sealed class SqliteInspectionTests
{
    [TestCase(true)]
    [TestCase(false)]
    public async Task A_file_in_doubt_is_looked_at_from_outside_only(bool doubted)
    {
        var folder = Directory.CreateTempSubdirectory("referral-inspection-");
        try
        {
            var file = Path.Combine(folder.FullName, "left.db");
            Leave(file);
            if (doubted)
            {
                await File.WriteAllTextAsync(file + ".doubt", "");
            }

            var before = (await File.ReadAllBytesAsync(file), await File.ReadAllBytesAsync(file + "-wal"));
            var found = await SqliteInspection.LookAsync($"Data Source={file}", new ManualTimeProvider(), CancellationToken.None);

            Assert.Multiple(() =>
            {
                Assert.That(found.Version, doubted ? Is.Null : Is.Not.Null);
                Assert.That(File.Exists(file + "-wal") && File.ReadAllBytes(file).SequenceEqual(before.Item1) && File.ReadAllBytes(file + "-wal").SequenceEqual(before.Item2), Is.EqualTo(doubted));
            });
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>As kill -9 leaves it: a file and a log that nobody has folded into it.</summary>
    private static void Leave(string file)
    {
        var living = file + ".living";
        using var connection = new SqliteConnection($"Data Source={living};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode = WAL; CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (1)";
        command.ExecuteNonQuery();
        File.Copy(living, file);
        File.Copy(living + "-wal", file + "-wal");
    }
}
