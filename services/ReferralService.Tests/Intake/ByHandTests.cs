using ReferralService.Intake.Access;
using ReferralService.Ledger;

namespace ReferralService.Tests.Intake;

/// <summary>What callers of the API do, and are refused, is recorded with their name.</summary>
public sealed class ByHandTests
{
    private const string Viewer = "v-secret-of-this-test";
    private const string Operator = "o-secret-of-this-test";

    private IntakeHost _host = null!;

    [SetUp]
    public async Task Start() => _host = await IntakeHost.StartAsync(
        ("Api:Keys:board:Secret", Viewer), ("Api:Keys:board:Role", "viewer"), ("Api:Keys:ops:Secret", Operator), ("Api:Keys:ops:Role", "operator"));

    [TearDown]
    public async Task End() => await _host.DisposeAsync();

    [Test]
    public async Task What_was_done_and_what_the_state_forbade_is_recorded_in_order()
    {
        await PostAsync("/api/referrals", Operator, """{"ehr":"main","serviceRequest":"1"}""");
        var id = (await _host.Referrals.ListAsync(new(), CancellationToken.None)).Single().Id;
        await PostAsync($"/api/referrals/{id}/retry", Operator);
        await PostAsync($"/api/referrals/{id}/cancel", Operator);
        await PostAsync($"/api/referrals/{id}/retry", Operator);

        var acts = await _host.Actions.ListAsync(new() { Referral = id }, CancellationToken.None);
        Assert.That(acts.Reverse().Select(act => $"{act.Actor} {act.Role} {act.Action} {act.Outcome}"), Is.EqualTo(new[]
        {
            "ops operator submit done", "ops operator retry done", "ops operator cancel done", "ops operator retry already-cancelled",
        }));
    }

    [Test]
    public async Task What_a_role_may_not_do_is_recorded_with_its_code()
    {
        var id = Guid.CreateVersion7(DateTimeOffset.UnixEpoch);

        await PostAsync($"/api/referrals/{id}/cancel", Viewer);

        var only = (await _host.Actions.ListAsync(new(), CancellationToken.None)).Single();
        Assert.That((only.Actor, only.Action, only.Referral, only.Outcome), Is.EqualTo(("board", OperatorActs.Cancel, (ReferralId?)new ReferralId(id), "forbidden")));
    }

    [TestCase("/api/partners/main/pause", "pause", "ehr:main")]
    [TestCase("/api/partners/main/resume?kind=ehr", "resume", "ehr:main")]
    [TestCase("/api/partners/Peter%20Chalmers/pause", "pause", null)]
    [TestCase("/partners/ehr/main/pause", "pause", "ehr:main")]
    [TestCase("/partners/ehr/Peter%20Chalmers/pause", "pause", null)]
    [TestCase("/api/bulk", "bulk", null)]
    [TestCase("/api/bulk/preview", "bulk", null)]
    public async Task What_was_refused_is_recorded_as_what_was_asked(string path, string action, string? partner)
    {
        await PostAsync(path, Viewer);

        var only = (await _host.Actions.ListAsync(new(), CancellationToken.None)).Single();
        Assert.That((only.Action, only.Partner, only.Outcome), Is.EqualTo((action, partner, "forbidden")));
    }

    [TestCase("GET", "/api/referrals/0199d1c2-0000-7000-8000-000000000001/package", OperatorActs.ReadPackage)]
    [TestCase("post", "//API/referrals/0199d1c2-0000-7000-8000-000000000001/Retry/", OperatorActs.Retry)]
    [TestCase("POST", "/referrals/0199d1c2-0000-7000-8000-000000000001/reveal", OperatorActs.Reveal)]
    [TestCase("POST", "/api/partners/east/pause", OperatorActs.Pause)]
    [TestCase("POST", "/partners/ehr/main/resume", OperatorActs.Resume)]
    [TestCase("GET", "/api/referrals/0199d1c2-0000-7000-8000-000000000001", null)]
    [TestCase("GET", "/api/referrals", null)]
    [TestCase("HEAD", "/api/referrals/0199d1c2-0000-7000-8000-000000000001/package", null)]
    public void An_address_tells_what_is_asked_there(string method, string path, string? action) => Assert.That(HandActTable.Of(method, path)?.Action, Is.EqualTo(action));

    private async Task PostAsync(string path, string secret, string? body = null)
    {
        using var response = await _host.ApiAsync(HttpMethod.Post, path, body, headers: ("Authorization", $"Bearer {secret}"));
    }
}
