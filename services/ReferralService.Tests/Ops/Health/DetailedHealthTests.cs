using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using ReferralService.Ops.Health;
using ReferralService.Ops.Health.Checks;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Ops.Health;

internal sealed class DetailedHealthTests
{
    [Test]
    public async Task Every_partner_and_everything_that_can_fail_has_its_line()
    {
        await using var host = await OpsHost.StartAsync();
        host.Contacts.Succeeded(PartnerKind.Ehr, "main", host.Clock.GetUtcNow());
        host.Contacts.ToldTime(PartnerKind.Ehr, "main", TimeSpan.FromSeconds(1), host.Clock.GetUtcNow());
        host.Contacts.Succeeded(PartnerKind.Recipient, "urology-east", host.Clock.GetUtcNow());
        host.Contacts.ShowedCertificate(PartnerKind.Recipient, "urology-east", host.Clock.GetUtcNow().AddDays(90), host.Clock.GetUtcNow());
        host.Clock.Advance(TimeSpan.FromSeconds(20));

        var (status, body) = await host.Http.ReadAsync("/health/detail");

        var checks = body.GetProperty("checks").EnumerateArray().ToDictionary(check => check.Text("name")!);
        Assert.Multiple(() =>
        {
            Assert.That(status, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(checks.Keys, Is.SupersetOf(new[]
            {
                "process", "ledger", "clock:database", "broker", "outbox", "vault", "disk:ledger", "disk:spool",
                "ehr:main", "clock:ehr:main", "recipient:urology-east", "certificate:recipient:urology-east",
            }));
            Assert.That(checks["ehr:main"].Text("status"), Is.EqualTo("ok"));
            Assert.That(checks["ehr:main"].GetProperty("ageMs").GetDouble(), Is.EqualTo(20_000));
            Assert.That(checks.Values, Is.All.Matches<JsonElement>(check => check.GetProperty("durationMs").GetDouble() >= 0));
        });
    }

    [Test]
    public async Task What_is_degraded_has_a_code_and_a_remedy_and_the_answer_stays_200()
    {
        await using var host = await OpsHost.StartAsync();
        var now = host.Clock.GetUtcNow();
        host.Contacts.Failed(PartnerKind.Ehr, "main", now);
        host.Contacts.ToldTime(PartnerKind.Ehr, "main", TimeSpan.FromSeconds(-90), now);
        host.Contacts.Succeeded(PartnerKind.Recipient, "urology-east", now);
        host.Contacts.Breaker(PartnerKind.Recipient, "urology-east", BreakerState.Open);
        host.Contacts.ShowedCertificate(PartnerKind.Recipient, "urology-east", now.AddDays(29), now);

        var (status, body) = await host.Http.ReadAsync("/health/detail");

        var degraded = body.GetProperty("checks").EnumerateArray().Where(check => check.Text("status") == "degraded").ToDictionary(check => check.Text("name")!);
        Assert.Multiple(() =>
        {
            Assert.That((status, body.Text("status")), Is.EqualTo((HttpStatusCode.OK, "degraded")));
            Assert.That(degraded.ToDictionary(one => one.Key, one => one.Value.Text("code")), Is.SupersetOf(new Dictionary<string, string?>
            {
                ["ehr:main"] = "partner-unreachable", ["clock:ehr:main"] = "clock-skew",
                ["recipient:urology-east"] = "breaker-open", ["certificate:recipient:urology-east"] = "certificate-ends",
            }));
            Assert.That(degraded.Values, Is.All.Matches<JsonElement>(check => check.Text("detail")!.Length > 20));
            Assert.That(degraded["certificate:recipient:urology-east"].Text("detail"), Does.Contain("29 days"));
        });
    }

    [Test]
    public async Task A_paused_partner_is_told_as_paused_and_not_asked()
    {
        await using var host = await OpsHost.StartAsync();
        await host.Ledger.Pauses.PauseAsync(["ehr:main", "recipient:urology-east"], CancellationToken.None);

        var (_, body) = await host.Http.ReadAsync("/health/detail");

        var partners = body.GetProperty("checks").EnumerateArray().Where(check => check.Text("name")!.Contains("main", StringComparison.Ordinal)).ToList();
        Assert.That(partners.Select(check => (check.Text("status"), check.Text("code"))), Is.EqualTo(new[] { ("ok", "paused") }));
        Assert.That(host.Contacts.Of(PartnerKind.Ehr, "main").LastFailure, Is.Null, "nobody tried");
    }

    [Test]
    public async Task A_check_that_hangs_is_told_so_and_keeps_no_other_from_being_read()
    {
        var clock = new ManualTimeProvider();
        var never = new TaskCompletionSource<IReadOnlyList<HealthCheckResult>>();
        using var health = new DetailedHealth(
            [new Check("hangs", () => never.Task), new Check("fails", () => throw new InvalidOperationException("ZZPHI")), new Check("works", () => Ok("works"))], clock, NullLogger<DetailedHealth>.Instance);

        var asked = health.CheckAsync(CancellationToken.None);
        // The two timers of the one that hangs are left when the others are done.
        while (clock.Waiting > 2) await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        clock.Advance(DetailedHealth.Ceiling);

        var report = await asked;
        Assert.That(report.Checks.Select(check => (check.Name, check.Status, check.Code)), Is.EqualTo(new[]
        {
            ("hangs", "degraded", "check-timed-out"), ("fails", "degraded", "check-failed"), ("works", "ok", (string?)null),
        }));
    }

    [Test]
    public async Task Many_who_ask_share_one_round_for_five_seconds()
    {
        var clock = new ManualTimeProvider();
        var looked = 0;
        using var health = new DetailedHealth([new Check("counted", () => Ok($"{Interlocked.Increment(ref looked)}"))], clock, NullLogger<DetailedHealth>.Instance);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => health.CheckAsync(CancellationToken.None))));
        var within = looked;
        clock.Advance(DetailedHealth.Kept);
        await health.CheckAsync(CancellationToken.None);

        Assert.That((within, looked), Is.EqualTo((1, 2)));
    }

    private static Task<IReadOnlyList<HealthCheckResult>> Ok(string name) => Task.FromResult<IReadOnlyList<HealthCheckResult>>([new(name, HealthStatus.Ok, 0)]);

    private sealed class Check(string name, Func<Task<IReadOnlyList<HealthCheckResult>>> look) : IHealthCheck
    {
        public string Name => name;

        public Task<IReadOnlyList<HealthCheckResult>> CheckAsync(CancellationToken cancellationToken) => look();
    }
}
