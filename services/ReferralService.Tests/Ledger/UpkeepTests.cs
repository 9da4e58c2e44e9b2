using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using ReferralService.Ledger;
using ReferralService.Ledger.Transitions;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Ledger;

internal sealed class UpkeepTests
{
    private const int Retirable = 6025;
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly VaultKeys Rotated = new([Key("k2"), Key("k1")]);

    [Test]
    public async Task The_log_says_once_when_a_key_is_needed_no_more()
    {
        await using var ledger = await TemporaryLedger.OpenAsync();
        await WriteAsync(ledger.WithKeys(new VaultKeys([Key("k1")])));
        var log = new Lines();
        using var upkeep = Upkeep(ledger, Rotated, log);

        var first = await upkeep.RunOnceAsync(None);
        await upkeep.RunOnceAsync(None);

        Assert.That(first.Encryption, Is.EqualTo(new EncryptionPass(1, 0)));
        Assert.That(log.All.Where(line => line.Id == Retirable).Select(line => line.Text), Is.EqualTo(log.All.Select(line => line.Text).Where(text => text.StartsWith("No package is encrypted with key k1 any more", StringComparison.Ordinal))));
        Assert.That(log.All.Count(line => line.Id == Retirable), Is.EqualTo(1));
    }

    [Test]
    public async Task A_key_that_something_still_needs_is_not_called_retirable()
    {
        await using var ledger = await TemporaryLedger.OpenAsync();
        await WriteAsync(ledger.WithKeys(new VaultKeys([Key("k1")])));
        await ledger.Database.WriteAsync(s => s.ExecuteAsync("UPDATE package_chunk SET bytes = zeroblob(100)", new Values(), None), None);
        var log = new Lines();
        using var upkeep = Upkeep(ledger, Rotated, log);

        await upkeep.RunOnceAsync(None);

        Assert.That(log.All.Select(line => line.Id), Does.Not.Contain(Retirable).And.Contain(6024));
    }

    [Test]
    public async Task The_log_says_what_was_deleted_because_its_time_was_over()
    {
        var clock = new ManualTimeProvider();
        await using var ledger = await TemporaryLedger.OpenAsync(clock);
        await ledger.PackagedAsync("1", bundle: "{\"a\":1}");
        await ledger.Database.WriteAsync(s => s.ExecuteAsync("UPDATE referral SET state = 'delivered', due_at = NULL", new Values(), None), None);
        clock.Advance(ledger.Options.Retention + TimeSpan.FromSeconds(1));
        var log = new Lines();
        using var upkeep = Upkeep(ledger, VaultKeys.None, log);

        await upkeep.RunOnceAsync(None);
        await upkeep.RunOnceAsync(None);

        Assert.That(log.All.Single(line => line.Id == 6026).Text, Is.EqualTo(
            "The packages of 1 referrals (9 bytes) were deleted: their time (Vault:Retention) is over. The oldest had been at rest since 2026-11-22 10:00:00Z"));
    }

    [Test]
    public async Task The_log_says_when_what_was_encrypted_lies_in_clear()
    {
        await using var ledger = await TemporaryLedger.OpenAsync();
        await WriteAsync(ledger.WithKeys(new VaultKeys([Key("k1")])));
        var log = new Lines();
        using var upkeep = Upkeep(ledger, new VaultKeys([Key("k1")]) { InClear = true }, log);

        await upkeep.RunOnceAsync(None);

        Assert.That(log.All.Select(line => line.Id), Does.Contain(6027).And.Contain(Retirable));
    }

    [Test]
    public async Task Disclosures_outlive_their_packages_and_go_when_their_own_time_is_over()
    {
        var clock = new ManualTimeProvider();
        await using var ledger = await TemporaryLedger.OpenAsync(clock);
        var told = await DisclosedAsync(ledger, "1", delivered: true);
        var log = new Lines();
        using var upkeep = Upkeep(ledger, VaultKeys.None, log);

        clock.Advance(ledger.Options.DisclosureRetention);
        var (packages, kept) = (await upkeep.RunOnceAsync(None), await ledger.Disclosures.FindAsync(told, None));
        await DisclosedAsync(ledger, "2", delivered: true);
        clock.Advance(TimeSpan.FromSeconds(1));
        var gone = await upkeep.RunOnceAsync(None);

        Assert.Multiple(async () =>
        {
            Assert.That(ledger.Options.DisclosureRetention, Is.EqualTo(TimeSpan.FromDays(2192)), "six years");
            Assert.That((packages.Packages, packages.Disclosures, kept is not null), Is.EqualTo((1, 0, true)));
            Assert.That((gone.Disclosures, await ledger.Disclosures.FindAsync(told, None)), Is.EqualTo((1, (DeliveredDisclosure?)null)));
            Assert.That((await ledger.Disclosures.PageAsync(new DisclosureQuery(10), None)).Items, Has.Count.EqualTo(1), "the other is young");
            Assert.That(log.All.Single(line => line.Id == 6028).Text, Does.StartWith("1 rows of the accounting of disclosures were deleted"));
        });
    }

    [Test]
    public async Task Facts_of_a_package_that_was_never_delivered_go_with_it()
    {
        var clock = new ManualTimeProvider();
        await using var ledger = await TemporaryLedger.OpenAsync(clock);
        await DisclosedAsync(ledger, "1", delivered: false);
        using var upkeep = Upkeep(ledger, VaultKeys.None, new Lines());

        clock.Advance(TimeSpan.FromDays(30));
        var waiting = await upkeep.RunOnceAsync(None);
        await ledger.Database.WriteAsync(s => s.ExecuteAsync("UPDATE referral SET state = 'failed', due_at = NULL", new Values(), None), None);
        clock.Advance(ledger.Options.Retention);
        var over = await upkeep.RunOnceAsync(None);

        Assert.That((waiting.Disclosures, over.Packages, over.Disclosures), Is.EqualTo((0, 1, 1)));
    }

    [Test]
    public async Task The_first_round_comes_soon_after_the_start_and_the_next_an_hour_later()
    {
        var clock = new ManualTimeProvider();
        await using var ledger = await TemporaryLedger.OpenAsync(clock);
        var log = new Lines();
        using var upkeep = Upkeep(ledger, VaultKeys.None, log);

        await upkeep.StartAsync(None);
        Assert.That(SpinWait.SpinUntil(() => clock.Waiting > 0, TimeSpan.FromSeconds(30)), "it waits");
        clock.Advance(TimeSpan.FromSeconds(19));
        var early = log.All.Count;
        clock.Advance(TimeSpan.FromSeconds(1));
        await log.UntilAsync(1);
        clock.Advance(TimeSpan.FromMinutes(59));
        var between = log.All.Count;
        clock.Advance(TimeSpan.FromMinutes(1));
        await log.UntilAsync(2);
        await upkeep.StopAsync(None);

        Assert.That((early, between), Is.EqualTo((0, 1)));
    }

    [Test]
    public async Task A_cancellation_that_nobody_wished_costs_one_round_and_not_the_loop()
    {
        var clock = new StrayCancellation();
        await using var ledger = await TemporaryLedger.OpenAsync();
        var log = new Lines();
        using var upkeep = Upkeep(ledger, VaultKeys.None, log, clock);

        await upkeep.StartAsync(None);
        Assert.That(SpinWait.SpinUntil(() => clock.Manual.Waiting > 0, TimeSpan.FromSeconds(30)), "it waits");
        clock.Armed = true;
        clock.Manual.Advance(TimeSpan.FromSeconds(20));
        await log.UntilAsync(1);
        clock.Manual.Advance(TimeSpan.FromHours(1));
        await log.UntilAsync(2);
        await upkeep.StopAsync(None);

        Assert.That(log.All.Select(line => line.Id), Is.EqualTo(new[] { 6022, 6020 }));
    }

    private static LedgerUpkeep Upkeep(TemporaryLedger ledger, VaultKeys keys, Lines log, TimeProvider? clock = null)
    {
        var vault = ledger.WithKeys(keys);
        return new(ledger.Referrals, vault, new PackageRetention(ledger.Database, vault), ledger.Options with { Keys = keys }, clock ?? ledger.Clock, log, ledger.Disclosures);
    }

    private static async Task<Guid> DisclosedAsync(TemporaryLedger ledger, string order, bool delivered)
    {
        var referral = await ledger.PackagedAsync(order, bundle: "{\"a\":1}");
        await ledger.Disclosures.KeepAsync(
            new DisclosureFacts(
                referral.PackageId!.Value, referral.Id.Value, "main", "https://ehr.example.org/fhir", "https://ehr.example.org/fhir/Patient/p", "https://ehr.example.org/fhir/ServiceRequest/1", null,
                "urology-east", "https://uro.example.org/fhir", "document", referral.PackageDigest!, 3, "TREAT", [], [], false), None);
        if (delivered) await ledger.StepAsync(await ledger.BegunAsync(referral), row => StepTransitions.Delivered(row, new Dictionary<string, string>(), ledger.Clock.GetUtcNow()));
        return referral.PackageId.Value;
    }

    private static (string, byte[]) Key(string id) => (id, SHA256.HashData(Encoding.UTF8.GetBytes(id)));

    private static async Task WriteAsync(PackageVault vault)
    {
        await using var writer = await vault.OpenWriteAsync(Guid.CreateVersion7(LedgerSample.Start), VaultPart.Bundle, None);
        await writer.WriteAsync(new byte[1000], None);
        await writer.CompleteAsync(None);
    }

    /// <summary>Where a round looks at the clock, once, it is cancelled by a token that is not the stop's.</summary>
    private sealed class StrayCancellation : TimeProvider
    {
        public ManualTimeProvider Manual { get; } = new();

        public bool Armed { get; set; }

        public override DateTimeOffset GetUtcNow()
        {
            if (Armed)
            {
                Armed = false;
                throw new OperationCanceledException(new CancellationToken(canceled: true));
            }

            return Manual.GetUtcNow();
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => Manual.CreateTimer(callback, state, dueTime, period);
    }

    private sealed class Lines : ILogger<LedgerUpkeep>
    {
        private readonly ConcurrentQueue<(int Id, string Text)> _all = new();
        private readonly Channel<int> _written = Channel.CreateUnbounded<int>();
        private int _seen;

        public ConcurrentQueue<(int Id, string Text)> All => _all;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            _all.Enqueue((eventId.Id, formatter(state, exception)));
            _written.Writer.TryWrite(eventId.Id);
        }

        public async Task UntilAsync(int count)
        {
            for (; _seen < count; _seen++)
            {
                await _written.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));
            }
        }
    }
}
