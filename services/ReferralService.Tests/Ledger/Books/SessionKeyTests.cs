using System.Security.Cryptography;
using System.Text;
using ReferralService.Ledger;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Ledger;

/// <summary>The keys of session cookies in the ledger, and the sessions that were ended.</summary>
internal sealed class SessionKeyTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Test]
    public async Task Of_two_that_are_made_on_one_day_all_replicas_have_the_first()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var (one, other) = (new SessionKeys(ledger.Database), new SessionKeys(ledger.Database));

        await one.KeepAsync("<key>1</key>", None);
        await other.KeepAsync("<key>2</key>", None);

        Assert.That(await other.AllAsync(None), Is.EqualTo(new[] { "<key>1</key>" }));
    }

    [Test]
    public async Task Later_ones_come_behind()
    {
        var clock = new ManualTimeProvider();
        await using var ledger = await LedgerUnderTest.OpenAsync(clock);
        var keys = new SessionKeys(ledger.Database);

        await keys.KeepAsync("<key>1</key>", None);
        clock.Advance(TimeSpan.FromDays(88));
        await keys.KeepAsync("<key>2</key>", None);

        Assert.That(await keys.AllAsync(None), Is.EqualTo(new[] { "<key>1</key>", "<key>2</key>" }));
    }

    [Test]
    public async Task Where_the_vault_has_keys_nothing_of_them_lies_in_clear()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var keys = new SessionKeys(ledger.Database, Vault("k1"));

        await keys.KeepAsync("<key>secret</key>", None);

        var stored = (await BodiesAsync(ledger.Database)).Single();
        Assert.Multiple(async () =>
        {
            Assert.That(stored.AsSpan().IndexOf("secret"u8), Is.EqualTo(-1));
            Assert.That(await keys.AllAsync(None), Is.EqualTo(new[] { "<key>secret</key>" }));
        });
    }

    [Test]
    public async Task When_the_vaults_key_changes_they_are_sealed_anew_and_stay_good()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await new SessionKeys(ledger.Database).KeepAsync("<key>1</key>", None);

        Assert.That(await new SessionKeys(ledger.Database, Vault("k1")).ResealAsync(None), Is.EqualTo(1));
        Assert.That(await new SessionKeys(ledger.Database, Vault("k2", "k1")).ResealAsync(None), Is.EqualTo(1));

        var retired = new SessionKeys(ledger.Database, Vault("k2"));
        Assert.That((await retired.AllAsync(None), await retired.ResealAsync(None)), Is.EqualTo((new[] { "<key>1</key>" }, 0)));
    }

    [Test]
    public async Task One_that_cannot_be_opened_is_left_out_and_does_not_stand_in_the_way()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await new SessionKeys(ledger.Database, Vault("lost")).KeepAsync("<key>1</key>", None);
        var keys = new SessionKeys(ledger.Database, Vault("k1"));
        Assert.That(await keys.AllAsync(None), Is.Empty);

        await keys.KeepAsync("<key>2</key>", None);

        Assert.That(await keys.AllAsync(None), Is.EqualTo(new[] { "<key>2</key>" }));
    }

    [Test]
    public async Task An_ended_session_is_known_until_it_would_have_ended_by_itself()
    {
        var clock = new ManualTimeProvider();
        await using var ledger = await LedgerUnderTest.OpenAsync(clock);
        var ended = new EndedSessions(ledger.Database);
        await ended.AddAsync("a", clock.GetUtcNow().AddHours(12), None);
        await ended.AddAsync("a", clock.GetUtcNow().AddHours(12), None);
        Assert.That((await ended.ContainsAsync("a", None), await ended.ContainsAsync("b", None)), Is.EqualTo((true, false)));

        clock.Advance(TimeSpan.FromHours(13));
        await ended.AddAsync("b", clock.GetUtcNow().AddHours(12), None);

        Assert.That((await ended.ContainsAsync("a", None), await ended.ContainsAsync("b", None)), Is.EqualTo((false, true)));
    }

    private static VaultKeys Vault(params string[] ids) => new([.. ids.Select(id => (id, SHA256.HashData(Encoding.UTF8.GetBytes(id))))]);

    private static Task<List<byte[]>> BodiesAsync(LedgerDatabase database)
        => database.ReadAsync(s => s.ReadRowsAsync("SELECT body FROM session_key", new Values(), row => row.GetFieldValue<byte[]>(0), None), None);
}
