using Microsoft.Extensions.Configuration;
using ReferralService.Ledger;

namespace ReferralService.Tests.Ledger;

internal sealed class LedgerOptionsTests
{
    [Test]
    public void Without_settings_the_ledger_is_a_file_below_data_and_packages_are_kept_a_year()
    {
        var (options, faults) = Read();

        Assert.That(faults, Is.Empty);
        Assert.That(options, Is.EqualTo(new LedgerOptions
        {
            Provider = LedgerProvider.Sqlite, ConnectionString = "Data Source=data/referrals.db", PublishesEvents = false, Retention = TimeSpan.FromDays(365), Compress = true,
        }));
    }

    [TestCase("Ledger:Provider", "Oracle", "Ledger:Provider: must be one of Sqlite, PostgreSql")]
    [TestCase("Ledger:ConnectionString", "Host=db;Database=x", "Ledger:ConnectionString: is no connection string of Sqlite")]
    [TestCase("Ledger:ConnectionString", "Data Source=:memory:", "Ledger:ConnectionString: names no file")]
    [TestCase("Ledger:Path", "x", "Ledger:Path: is no setting; known here: ConnectionString, Provider")]
    [TestCase("Vault:KeyFile", "/nowhere/vault.keys", "Vault:KeyFile: is not there; give the path of the key file")]
    [TestCase("Vault:Retention", "00:00:00", "Vault:Retention: must be a time span")]
    public void A_setting_that_cannot_be_used_is_a_fault_with_its_key(string key, string value, string fault)
    {
        var (_, faults) = Read((key, value));

        Assert.That(faults.Single(), Does.StartWith(fault));
    }

    [Test]
    public void To_store_in_clear_and_to_give_a_key_up_is_said_in_so_many_words()
    {
        var (options, faults) = Read(("Vault:InClear", "true"), ("Vault:LostKeys:0", "k1"));

        Assert.That(faults, Is.Empty);
        Assert.That((options.Keys.InClear, options.LostKeys.Single()), Is.EqualTo((true, "k1")));
    }

    [Test]
    public void Where_builds_may_work_beside_each_other_packages_are_packed_only_when_a_person_says_so()
    {
        (string, string)[] shared = [("Ledger:Provider", "PostgreSql"), ("Ledger:ConnectionString", "Host=db")];

        Assert.That((Read(shared).Item1.Compress, Read([.. shared, ("Vault:Compress", "true")]).Item1.Compress, Read(("Vault:Compress", "false")).Item1.Compress), Is.EqualTo((false, true, false)));
    }

    [Test]
    public void A_key_is_not_lost_and_there()
    {
        var folder = Directory.CreateTempSubdirectory("vault-keys-");
        var file = Path.Combine(folder.FullName, "vault.keys");
        using (var written = new StreamWriter(file, System.Text.Encoding.ASCII, OwnerOnly()))
        {
            written.WriteLine($"k1 {Convert.ToBase64String(new byte[32])}");
        }

        var (_, faults) = Read(("Vault:KeyFile", file), ("Vault:LostKeys:0", "k1"));
        folder.Delete(recursive: true);

        Assert.That(faults.Single(), Does.StartWith("Vault:LostKeys: names a key that is in Vault:KeyFile"));
    }

    [Test]
    public void PostgreSql_needs_a_host()
    {
        var (_, faults) = Read(("Ledger:Provider", "PostgreSql"), ("Ledger:ConnectionString", "Database=referrals"));

        Assert.That(faults.Single(), Does.StartWith("Ledger:ConnectionString: names no Host"));
    }

    [Test]
    public void Over_a_broker_events_are_published()
    {
        var (options, _) = Read(("Bus:Transport", "RabbitMq"));

        Assert.That(options.PublishesEvents, Is.True);
    }

    private static FileStreamOptions OwnerOnly()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }

    private static (LedgerOptions Options, IReadOnlyList<string> Faults) Read(params (string Key, string Value)[] given)
    {
        var settings = new SettingsReader(new ConfigurationBuilder().AddInMemoryCollection(given.ToDictionary(g => g.Key, g => (string?)g.Value)).Build());
        var options = LedgerOptions.Read(settings, BusOptions.Read(settings));
        settings.Done();
        return (options, settings.Faults);
    }
}
