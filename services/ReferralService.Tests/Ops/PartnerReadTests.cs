using System.Text.Json;
using ReferralService.Contracts;
using ReferralService.Ledger.Transitions;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Ops;

[TestFixture]
internal sealed class PartnerReadTests
{
    [Test]
    public async Task A_partner_that_was_never_asked_is_neither_reachable_nor_not()
    {
        await using var host = await OpsHost.StartAsync();

        var (_, body) = await host.Http.ReadAsync("/api/partners");

        Assert.That(body.GetRawText(), Is.EqualTo(
            """{"items":[{"name":"main","kind":"ehr","reachable":null,"lastSuccess":null,"breaker":"closed","paused":false,"configured":true,"oldestWaiting":null,"idempotency":null,"idempotencyLearned":null},"""
            + """{"name":"urology-east","kind":"recipient","reachable":null,"lastSuccess":null,"breaker":"closed","paused":false,"configured":true,"oldestWaiting":null,"idempotency":null,"idempotencyLearned":null}]}"""));
    }

    [Test]
    public async Task The_last_contact_decides_whether_a_partner_is_reachable()
    {
        await using var host = await OpsHost.StartAsync();
        var start = host.Clock.GetUtcNow();
        host.Contacts.Succeeded(PartnerKind.Recipient, "urology-east", start);
        host.Contacts.Failed(PartnerKind.Recipient, "urology-east", start.AddSeconds(1));
        host.Contacts.Breaker(PartnerKind.Recipient, "urology-east", BreakerState.HalfOpen);
        host.Contacts.Failed(PartnerKind.Ehr, "main", start);
        host.Contacts.Succeeded(PartnerKind.Ehr, "main", start.AddSeconds(1));

        var (_, body) = await host.Http.ReadAsync("/api/partners");

        Assert.That(body.GetProperty("items").EnumerateArray().Select(item => $"{item.Text("name")} {item.GetProperty("reachable")} {item.Text("lastSuccess")} {item.Text("breaker")}"),
            Is.EqualTo(new[] { "main True 2026-11-22T10:00:01.000Z closed", "urology-east False 2026-11-22T10:00:00.000Z half-open" }));
    }

    [Test]
    public async Task Who_is_paused_is_shown_even_when_the_settings_do_not_name_it_any_more()
    {
        await using var host = await OpsHost.StartAsync();
        await host.Ledger.PackagedAsync("1");
        await host.Ledger.Pauses.PauseAsync(["recipient:gone", "ehr:another", "recipient:urology-east"], CancellationToken.None);

        var (_, body) = await host.Http.ReadAsync("/api/partners");

        Assert.That(
            body.GetProperty("items").EnumerateArray().Select(item => $"{item.Text("kind")} {item.Text("name")} {item.GetProperty("configured")} {item.GetProperty("paused")}"),
            Is.EqualTo(new[] { "ehr another False True", "ehr main True False", "recipient gone False True", "recipient urology-east True True" }));
        Assert.That(body.GetProperty("items")[2].GetProperty("reachable").ValueKind, Is.EqualTo(JsonValueKind.Null), "nobody asks it");
    }

    [Test]
    public async Task What_waits_for_a_recipient_is_told_by_the_oldest()
    {
        await using var host = await OpsHost.StartAsync();
        await host.Ledger.PackagedAsync("1");
        host.Clock.Advance(TimeSpan.FromMinutes(10));
        await host.Ledger.PackagedAsync("2");

        var (_, body) = await host.Http.ReadAsync("/api/partners");

        Assert.That(body.GetProperty("items")[0].GetProperty("oldestWaiting").ValueKind, Is.EqualTo(JsonValueKind.Null));
        Assert.That(body.GetProperty("items")[1].Text("oldestWaiting"), Is.EqualTo("2026-11-22T10:00:00.000Z"));
    }

    [Test]
    public async Task What_is_put_off_or_paused_waits_since_it_began_to()
    {
        await using var host = await OpsHost.StartAsync();
        var packaged = await host.Ledger.PackagedAsync("1");
        host.Clock.Advance(TimeSpan.FromMinutes(10));
        var begun = await host.Ledger.BegunAsync(packaged);
        await host.Ledger.StepAsync(begun, row => StepTransitions.Postponed(row, ReasonCodes.RecipientUnreachable, host.Clock.GetUtcNow().AddHours(1), TimeSpan.FromDays(1), host.Clock.GetUtcNow()));
        await host.Ledger.Pauses.PauseAsync(["recipient:urology-east"], CancellationToken.None);

        var (_, body) = await host.Http.ReadAsync("/api/partners");

        Assert.That(body.GetProperty("items")[1].Text("oldestWaiting"), Is.EqualTo("2026-11-22T10:00:00.000Z"));
    }

    [Test]
    public async Task What_is_held_waits_for_no_partner()
    {
        await using var host = await OpsHost.StartAsync();
        var begun = await host.Ledger.BegunAsync(await host.Ledger.PackagedAsync("1"));
        await host.Ledger.StepAsync(begun, row => StepTransitions.Held(row, ReasonCodes.AuthRefused, "x", host.Clock.GetUtcNow()));

        var (_, body) = await host.Http.ReadAsync("/api/partners");

        Assert.That(body.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("oldestWaiting").ValueKind), Is.All.EqualTo(JsonValueKind.Null));
    }

    [Test]
    public async Task What_waits_for_an_EHR_is_told_by_the_oldest()
    {
        await using var host = await OpsHost.StartAsync();
        await host.Ledger.ReceivedAsync("1");
        host.Clock.Advance(TimeSpan.FromMinutes(10));
        await host.Ledger.ReceivedAsync("2", "urology-east");

        var (_, body) = await host.Http.ReadAsync("/api/partners");

        Assert.That(body.GetProperty("items")[0].Text("oldestWaiting"), Is.EqualTo("2026-11-22T10:00:00.000Z"));
        Assert.That(body.GetProperty("items")[1].GetProperty("oldestWaiting").ValueKind, Is.EqualTo(JsonValueKind.Null));
    }
}
