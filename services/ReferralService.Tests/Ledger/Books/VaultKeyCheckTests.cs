using System.Security.Cryptography;
using System.Text;
using ReferralService.Ledger;
using static ReferralService.Tests.Ledger.LedgerSample;

namespace ReferralService.Tests.Ledger;

/// <summary>Keys that do not fit the ledger stop the start, in one line that says which.</summary>
internal sealed class VaultKeyCheckTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    private static readonly IReadOnlyDictionary<string, long> Nothing = new Dictionary<string, long>();

    [Test]
    public async Task Without_a_key_a_ledger_that_was_never_encrypted_is_as_it_was()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await WriteAsync(ledger.Vault);

        Assert.That(await CheckAsync(ledger.Database, new LedgerOptions()), Is.EqualTo(Nothing));
    }

    [Test]
    public async Task A_ledger_with_encrypted_parts_does_not_start_without_a_key()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await WriteAsync(ledger.WithKeys(Keys("k1")), "1");
        await WriteAsync(ledger.WithKeys(Keys("k1")), "2");
        await WriteAsync(ledger.WithKeys(Keys("k2")), "3");

        Assert.That(() => CheckAsync(ledger.Database, new LedgerOptions()), Throws.TypeOf<LedgerStartException>().With.Message.StartsWith(
            "Vault:KeyFile is not set, and the ledger holds encrypted packages: 2 parts under key k1, 1 part under key k2. Set it to the file with these keys."));
    }

    [Test]
    public async Task A_write_that_was_never_finished_needs_no_key()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await using var begun = await ledger.WithKeys(Keys("k1")).OpenWriteAsync(Guid.CreateVersion7(Start), VaultPart.Bundle, None);

        Assert.That(await CheckAsync(ledger.Database, new LedgerOptions()), Is.EqualTo(Nothing));
    }

    [Test]
    public async Task A_key_that_is_missing_in_the_file_is_named_until_it_is_given_up()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await WriteAsync(ledger.WithKeys(Keys("k1")));
        var options = new LedgerOptions { Keys = Keys("k2") };

        Assert.That(() => CheckAsync(ledger.Database, options), Throws.TypeOf<LedgerStartException>().With.Message.StartsWith(
            "Vault:KeyFile lacks keys that packages in the ledger are encrypted with: 1 part under key k1."));
        Assert.That(await CheckAsync(ledger.Database, options with { LostKeys = ["k1"] }), Is.EqualTo(new Dictionary<string, long> { ["k1"] = 1 }));
    }

    [Test]
    public async Task A_lost_key_is_no_leave_to_store_in_clear()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await WriteAsync(ledger.WithKeys(Keys("k1")));
        var options = new LedgerOptions { LostKeys = ["k1"] };

        Assert.That(() => CheckAsync(ledger.Database, options), Throws.TypeOf<LedgerStartException>().With.Message.Contains("Vault:InClear=true"));
        Assert.That(await CheckAsync(ledger.Database, options with { Keys = new VaultKeys([]) { InClear = true } }), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Other_bytes_under_an_id_that_is_known_are_refused_whatever_is_encrypted_with_them()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await CheckAsync(ledger.Database, new LedgerOptions { Keys = Keys("k1", "k2") });
        var options = new LedgerOptions { Keys = new([Key("k1"), ("k2", SHA256.HashData("another"u8)), Key("k3")]) };

        Assert.That(() => CheckAsync(ledger.Database, options), Throws.TypeOf<LedgerStartException>().With.Message.StartsWith(
            "Vault:KeyFile has other bytes than the ledger knows under key k2."));
        Assert.That(await CheckAsync(ledger.Database, new LedgerOptions { Keys = new([("k3", SHA256.HashData("third"u8)), Key("k2"), Key("k1")]) }), Is.EqualTo(Nothing), "nothing of a refused file is kept");
    }

    [Test]
    public async Task Of_two_replicas_with_other_bytes_under_one_id_one_starts()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var starts = Enumerable.Range(0, 2).Select(i => Task.Run(
            () => CheckAsync(ledger.Database, new LedgerOptions { Keys = new([("k1", SHA256.HashData([(byte)i]))]) }))).ToArray();

        Assert.That(() => Task.WhenAll(starts), Throws.TypeOf<LedgerStartException>());
        Assert.That(starts.Count(start => start.IsCompletedSuccessfully), Is.EqualTo(1));
    }

    [Test]
    public async Task The_way_back_to_clear_text_is_said_aloud_and_rewrites_what_there_is()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await WriteAsync(ledger.WithKeys(Keys("k1")), "1");
        await WriteAsync(ledger.WithKeys(Keys("k2")), "2");
        var back = new VaultKeys([Key("k2"), Key("k1")]) { InClear = true };
        await CheckAsync(ledger.Database, new LedgerOptions { Keys = new([Key("k2"), Key("k1")]) });
        await CheckAsync(ledger.Database, new LedgerOptions { Keys = back });

        var pass = await ledger.WithKeys(back).EncryptOldAsync(None);

        Assert.That(pass, Is.EqualTo(new EncryptionPass(2, 0)));
        Assert.That(await CheckAsync(ledger.Database, new LedgerOptions()), Is.EqualTo(Nothing), "and then it starts without any key");
        using var content = new MemoryStream();
        Assert.That(await ledger.Vault.CopyToAsync(Package("2"), VaultPart.Bundle, content, None));
        Assert.That(content.ToArray(), Is.EqualTo(new byte[1000]));
    }

    [Test]
    public async Task A_ledger_that_was_to_be_encrypted_does_not_start_without_a_key_before_there_is_a_package()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await CheckAsync(ledger.Database, new LedgerOptions { Keys = Keys("k2", "k1") });

        Assert.That(() => CheckAsync(ledger.Database, new LedgerOptions()), Throws.TypeOf<LedgerStartException>().With.Message.StartsWith(
            "Vault:KeyFile is not set, and packages of this ledger are to be encrypted (it knows key k1, k2): new ones would be stored in clear."));
        Assert.That(await CheckAsync(ledger.Database, new LedgerOptions { Keys = Keys("k3") }), Is.EqualTo(Nothing), "another key is as good");
    }

    [TestCase(false, TestName = "The ledger forgets its keys when a person wants clear text and nothing is encrypted")]
    [TestCase(true, TestName = "The ledger knows its keys until the last part is in clear")]
    public async Task The_keys_are_forgotten_when_nothing_needs_them(bool left)
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await CheckAsync(ledger.Database, new LedgerOptions { Keys = Keys("k1") });
        if (left)
        {
            await WriteAsync(ledger.WithKeys(Keys("k1")));
        }

        var inClear = new VaultKeys([]) { InClear = true };
        await ledger.WithKeys(inClear).EncryptOldAsync(None);

        var known = await ledger.Database.ReadAsync(session => session.ScalarAsync("SELECT count(*) FROM vault_key", new Values(), None), None);
        Assert.That(known, Is.EqualTo(left ? 1 : 0));
        if (!left)
        {
            Assert.That(await CheckAsync(ledger.Database, new LedgerOptions()), Is.EqualTo(Nothing));
        }
    }

    [Test]
    public async Task An_orderly_pass_forgets_no_key()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await CheckAsync(ledger.Database, new LedgerOptions { Keys = Keys("k1") });

        await ledger.WithKeys(Keys("k1")).EncryptOldAsync(None);

        Assert.That(() => CheckAsync(ledger.Database, new LedgerOptions()), Throws.TypeOf<LedgerStartException>());
    }

    private static Task<IReadOnlyDictionary<string, long>> CheckAsync(LedgerDatabase database, LedgerOptions options)
        => new VaultKeyCheck(database, new PackageVault(database, options.Keys), options).RunAsync(None);

    private static VaultKeys Keys(params string[] ids) => new([.. ids.Select(Key)]);

    private static (string, byte[]) Key(string id) => (id, SHA256.HashData(Encoding.UTF8.GetBytes(id)));

    private static Guid Package(string name) => new(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 16));

    private static async Task WriteAsync(PackageVault vault, string name = "1")
    {
        await using var writer = await vault.OpenWriteAsync(Package(name), VaultPart.Bundle, None);
        await writer.WriteAsync(new byte[1000], None);
        await writer.CompleteAsync(None);
    }
}
