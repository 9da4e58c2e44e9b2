using System.Net;
using Microsoft.Data.Sqlite;
using ReferralService.Ledger;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Intake;

/// <summary>While nothing can be stored nobody hears a 2xx: 503, when to come again, and then it works.</summary>
[TestFixture]
internal sealed class NotNowTests
{
    private IntakeHost _host = null!;

    [SetUp]
    public async Task Start() => _host = await IntakeHost.StartAsync();

    [TearDown]
    public async Task End() => await _host.DisposeAsync();

    private static IEnumerable<TestCaseData> Ways()
    {
        static TestCaseData Row(string name, Func<IntakeHost, Task<HttpResponseMessage>> send) => new TestCaseData(send).SetArgDisplayNames(name);

        yield return Row("a notification", host => host.HookAsync(HttpMethod.Post, "/fhir/notify/main", Hooks.Utf8(Hooks.Order())));
        yield return Row("a notification of a topic", host => host.HookAsync(HttpMethod.Post, "/fhir/notify/main", Hooks.Utf8(Hooks.Topic("event-notification", focuses: ["ServiceRequest/a"]))));
        yield return Row("a notification that names nothing", host => host.HookAsync(HttpMethod.Post, "/fhir/notify/main", Hooks.Utf8("{}")));
        yield return Row("a submit", host => host.ApiAsync(HttpMethod.Post, "/api/referrals", """{"ehr":"main","serviceRequest":"1"}"""));
    }

    [Fault("S41")]
    [TestCaseSource(nameof(Ways))]
    public async Task With_the_ledger_locked(Func<IntakeHost, Task<HttpResponseMessage>> send)
    {
        await using var other = new SqliteConnection($"Data Source={_host.LedgerFile};Pooling=False");
        await other.OpenAsync();
        await using (var take = new SqliteCommand("BEGIN IMMEDIATE", other)) await take.ExecuteNonQueryAsync();

        using var refused = await send(_host);
        await using (var free = new SqliteCommand("ROLLBACK", other)) await free.ExecuteNonQueryAsync();
        using var again = await send(_host);

        await ThenAsync(refused, again, "ledger-unavailable");
    }

    [Fault("S41")]
    [TestCase(true, TestName = "With the disk full a notification is told to come again, and none that was told 202 is lost")]
    [TestCase(false, TestName = "With the disk full a submit is told to come again, and none that was told 202 is lost")]
    public async Task With_the_disk_full(bool hook)
    {
        // The least that SQLite takes: the file may not grow by a page.
        await PragmaAsync("PRAGMA max_page_count = 1");
        int stored = 0;
        using var refused = await UntilRefusedAsync();
        await PragmaAsync("PRAGMA max_page_count = 1000000");
        using var again = await SendAsync(stored);

        await ThenAsync(refused, again, "ledger-unavailable");
        Assert.That(hook ? (await _host.Notices.ClaimAsync(5000, TimeSpan.FromMinutes(5), [], default)).Count : await CountAsync(), Is.EqualTo(stored + 1));

        Task<HttpResponseMessage> SendAsync(int number) => hook
            ? _host.HookAsync(HttpMethod.Post, "/fhir/notify/main", Hooks.Utf8(Hooks.Order($"order-{number}")))
            : _host.ApiAsync(HttpMethod.Post, "/api/referrals", $$"""{"ehr":"main","serviceRequest":"order-{{number}}"}""");

        async Task<HttpResponseMessage> UntilRefusedAsync()
        {
            for (; stored < 4000; stored++)
            {
                var answer = await SendAsync(stored);
                if (answer.StatusCode != HttpStatusCode.Accepted) return answer;
                answer.Dispose();
            }

            throw new AssertionException("The file grew all the same.");
        }
    }

    [Fault("S43")]
    [TestCaseSource(nameof(Ways))]
    public async Task While_the_process_is_ending(Func<IntakeHost, Task<HttpResponseMessage>> send)
    {
        _host.Lifetime.StopApplication();

        using var refused = await send(_host);

        Assert.That((refused.StatusCode, refused.Headers.RetryAfter?.Delta), Is.EqualTo((HttpStatusCode.ServiceUnavailable, (TimeSpan?)TimeSpan.FromSeconds(5))));
        Assert.That(refused.Headers.ConnectionClose, Is.True);
        Assert.That(await refused.Content.ReadAsStringAsync(), Does.Contain("draining"));
        Assert.That(await _host.Referrals.ListAsync(new(), default), Is.Empty);
        Assert.That(await _host.TakeHintsAsync(), Is.EqualTo((Array.Empty<string>(), false)));
    }

    private static async Task ThenAsync(HttpResponseMessage refused, HttpResponseMessage again, string code)
    {
        Assert.That((refused.StatusCode, refused.Headers.RetryAfter?.Delta), Is.EqualTo((HttpStatusCode.ServiceUnavailable, (TimeSpan?)TimeSpan.FromSeconds(5))));
        Assert.That(await refused.Content.ReadAsStringAsync(), Does.Contain(code));
        Assert.That(again.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
    }

    private async Task<long> CountAsync() => (await _host.Database.ReadAsync(s => s.ScalarAsync("SELECT count(*) FROM referral", new Values(), default), default))!.Value;

    private Task<int> PragmaAsync(string pragma) => _host.Database.WriteAsync(s => s.ExecuteAsync(pragma, new Values(), default), default);
}
