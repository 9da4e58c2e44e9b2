using System.Net;
using ReferralService.Ledger;
using ReferralService.Ops.Health;
using ReferralService.Status;

namespace ReferralService.Tests.Ops;

[TestFixture]
internal sealed class HealthTests
{
    [TestCase("/health/live")]
    [TestCase("/health/ready")]
    [TestCase("/health/startup")]
    public async Task A_sound_service_says_so(string path)
    {
        await using var host = await OpsHost.StartAsync();

        var (status, body) = await host.Http.ReadAsync(path);

        Assert.Multiple(() =>
        {
            Assert.That(status, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(body.Text("status"), Is.EqualTo("ok"));
            Assert.That(body.GetProperty("checks").EnumerateArray(), Is.All.Matches<System.Text.Json.JsonElement>(check => check.GetProperty("durationMs").GetDouble() >= 0));
        });
    }

    [Test]
    public async Task A_ledger_that_cannot_be_written_makes_the_replica_unready_and_leaves_it_alive()
    {
        await using var host = await OpsHost.StartAsync(ledger => new BrokenLedger(ledger.Database));

        var ready = await host.Http.ReadAsync("/health/ready");
        var live = await host.Http.ReadAsync("/health/live");

        Assert.Multiple(() =>
        {
            Assert.That(ready.Status, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
            Assert.That(ready.Body.GetRawText(), Does.Contain("\"code\":\"ledger-full\""));
            Assert.That(live.Status, Is.EqualTo(HttpStatusCode.OK));
        });
    }

    [Test]
    public async Task Whether_it_lives_is_told_without_touching_anything()
    {
        BrokenLedger? broken = null;
        await using var host = await OpsHost.StartAsync(ledger => broken = new BrokenLedger(ledger.Database));

        await host.Http.ReadAsync("/health/live");
        await host.Http.ReadAsync("/health/startup");

        Assert.That(broken!.Checks, Is.Zero);
    }

    [Test]
    public async Task Many_probes_write_to_the_ledger_once_in_five_seconds()
    {
        BrokenLedger? broken = null;
        await using var host = await OpsHost.StartAsync(ledger => broken = new BrokenLedger(ledger.Database));

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => host.Http.ReadAsync("/health/ready")));
        var within = broken!.Checks;
        host.Clock.Advance(Readiness.Kept);
        await host.Http.ReadAsync("/health/ready");

        Assert.That((within, broken.Checks), Is.EqualTo((1, 2)));
    }

    [Test]
    public async Task With_the_broker_down_the_replica_is_degraded_and_goes_on()
    {
        await using var host = await OpsHost.StartAsync();
        host.Broker.Now = BrokerState.Down;

        var (status, body) = await host.Http.ReadAsync("/health/ready");

        Assert.That((status, body.Text("status")), Is.EqualTo((HttpStatusCode.OK, "degraded")));
    }

    [Test]
    public async Task A_process_that_is_ending_takes_no_more_work()
    {
        HttpStatusCode? answered = null;
        await using var host = await OpsHost.StartAsync();
        var readiness = host.Service<Readiness>();

        await using var asked = host.Lifetime.ApplicationStopping.Register(() =>
            answered = readiness.CheckAsync(CancellationToken.None).GetAwaiter().GetResult().Status == HealthStatus.Failed ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.OK);
        host.Lifetime.StopApplication();

        Assert.That(answered, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
    }

    /// <summary>A ledger whose disk is full: everything but writing works.</summary>
    private sealed class BrokenLedger(LedgerDatabase sound) : LedgerDatabase(sound.Sql, sound.Clock)
    {
        private int _checks;

        /// <summary>Each is one write. Other writes do not count: the keys of sessions are made in the background whenever that gets its turn.</summary>
        public int Checks => _checks;

        public override Task OpenAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override Task CheckWritableAsync(CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _checks);
            return base.CheckWritableAsync(cancellationToken);
        }

        public override Task<T> WriteAsync<T>(Func<LedgerSession, Task<T>> work, CancellationToken cancellationToken)
            => Task.FromException<T>(new LedgerUnavailableException("ledger-full", new IOException()));

        public override Task<T> WriteSinglyAsync<T>(Func<LedgerSession, Task<T>> work, CancellationToken cancellationToken) => WriteAsync(work, cancellationToken);

        public override Task<T> ReadAsync<T>(Func<LedgerSession, Task<T>> work, CancellationToken cancellationToken) => sound.ReadAsync(work, cancellationToken);

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
