using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Intake;

public sealed class HookTests
{
    private const string Hook = "/fhir/notify/main";

    private IntakeHost _host = null!;

    [SetUp]
    public async Task Start() => _host = await IntakeHost.StartAsync();

    [TearDown]
    public async Task End() => await _host.DisposeAsync();

    private static IEnumerable<TestCaseData> Shapes()
    {
        static TestCaseData Row(string name, string? body, string[] orders, bool sweep, string method = "POST", string path = Hook, string? type = "application/fhir+json", string? deleted = null)
            => new TestCaseData(method, path, body, type, deleted, orders, sweep).SetArgDisplayNames(name);

        yield return Row("R4 without payload", null, [], true);
        yield return Row("R4 without payload, of length 0", "", [], true, type: null);
        yield return Row("R4 with payload", Hooks.Order(), ["sr-1@3"], false, "PUT", Hook + "/ServiceRequest/sr-1");
        yield return Row("HAPI's delete", null, ["sr-1"], false, "DELETE", Hook + "/ServiceRequest/sr-1");
        yield return Row("the resource posted", Hooks.Order(), ["sr-1@3"], false, type: "application/json; charset=\"UTF-8\"");
        yield return Row("Medplum's delete", "{}", ["sr-9"], false, deleted: "ServiceRequest/sr-9");
        yield return Row("an empty object", "{}", [], true);
        yield return Row("handshake", Hooks.Topic("handshake", "requested"), [], false);
        yield return Row("heartbeat", Hooks.Topic("heartbeat"), [], false);
        yield return Row("topic empty", Hooks.Topic("event-notification"), [], true);
        yield return Row("topic id-only, two events", Hooks.Topic("event-notification", focuses: [Hooks.Base + "/ServiceRequest/a", "ServiceRequest/b"]), ["a", "b"], false);
        yield return Row("topic full", Hooks.Topic("event-notification", focuses: ["ServiceRequest/sr-1"], entries: Hooks.Entry("sr-1", Hooks.Order())), ["sr-1@3"], false);
        yield return Row("a draft", Hooks.Order().Replace("active", "draft", StringComparison.Ordinal), ["sr-1@3"], false);
        yield return Row("a revocation", Hooks.Order().Replace("active", "revoked", StringComparison.Ordinal), ["sr-1@3"], false);
        yield return Row("numbers no double can hold", Hooks.Order().Replace("\"status\"", "\"x\":[1e400,9007199254740993,0.0100],\"status\"", StringComparison.Ordinal), ["sr-1@3"], false);
    }

    [Fault("S07")]
    [Fault("S13")]
    [TestCaseSource(nameof(Shapes))]
    public async Task A_notification_of_every_shape_is_in_the_ledger_when_202_is_said(
        string method, string path, string? body, string? type, string? deleted, string[] orders, bool sweepDue)
    {
        using var response = await _host.HookAsync(
            new HttpMethod(method), path, body is null ? null : Hooks.Utf8(body), type, headers: deleted is null ? [] : [("X-Medplum-Deleted-Resource", deleted)]);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        Assert.That(await _host.TakeHintsAsync(), Is.EqualTo((orders, sweepDue)));
    }

    [Test]
    public async Task A_signature_opens_the_hook_as_the_bearer_does()
    {
        var body = Encoding.UTF8.GetBytes(Hooks.Order());
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(IntakeHost.Secret), body));

        using var response = await _host.HookAsync(HttpMethod.Post, Hook, body, authorization: null, headers: ("X-Signature", signature));

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        Assert.That((await _host.TakeHintsAsync()).Orders, Is.EqualTo(new[] { "sr-1@3" }));
    }

    [Test]
    public async Task With_the_ledger_locked_a_hook_is_told_to_come_again()
    {
        await using var other = new SqliteConnection($"Data Source={_host.LedgerFile};Pooling=False");
        await other.OpenAsync();
        await using (var lockIt = new SqliteCommand("BEGIN IMMEDIATE", other)) await lockIt.ExecuteNonQueryAsync();

        using var refused = await _host.HookAsync(HttpMethod.Post, Hook, Hooks.Utf8(Hooks.Order()));
        await using (var free = new SqliteCommand("ROLLBACK", other)) await free.ExecuteNonQueryAsync();
        using var again = await _host.HookAsync(HttpMethod.Post, Hook, Hooks.Utf8(Hooks.Order()));

        var told = await refused.Content.ReadAsStringAsync();
        Assert.Multiple(() =>
        {
            Assert.That((refused.StatusCode, refused.Headers.RetryAfter?.Delta), Is.EqualTo((HttpStatusCode.ServiceUnavailable, (TimeSpan?)TimeSpan.FromSeconds(5))));
            Assert.That(told, Does.Contain("\"transient\"").And.Contain("ledger-unavailable"));
            Assert.That(again.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        });
    }

    [Test]
    public async Task The_capability_statement_claims_no_more_than_there_is()
    {
        using var response = await _host.Client.GetAsync(new Uri("/fhir/metadata", UriKind.Relative));

        var body = await response.Content.ReadAsByteArrayAsync();
        var statement = System.Text.Json.JsonDocument.Parse(body).RootElement;
        Assert.Multiple(() =>
        {
            Assert.That(statement.GetProperty("resourceType").GetString(), Is.EqualTo("CapabilityStatement"));
            Assert.That(statement.GetProperty("fhirVersion").GetString(), Is.EqualTo("4.0.1"));
            Assert.That(statement.GetProperty("rest")[0].GetProperty("resource").EnumerateArray().Select(r => r.GetProperty("type").GetString()), Is.EqualTo(new[] { "AuditEvent" }));
            Assert.That(ReferralService.Fhir.Validation.ResourceLint.Check(body).Findings, Is.Empty);
        });
    }
}
