using System.Net;
using ReferralService.Status.Webhooks;

namespace ReferralService.Tests.Status.Webhooks;

internal sealed class WebhookRulesTests
{
    private static readonly Guid Id = new("01993c4e-7a10-7c3b-8f21-000000000006");

    [TestCase(200, "taken")]
    [TestCase(204, "taken")]
    [TestCase(410, "webhook-gone, all")]
    [TestCase(302, "webhook-refused, all")]
    [TestCase(401, "webhook-refused, all")]
    [TestCase(404, "webhook-refused, all")]
    [TestCase(400, "webhook-event-refused, this one")]
    [TestCase(413, "webhook-event-refused, this one")]
    [TestCase(408, "webhook-busy, all")]
    [TestCase(429, "webhook-busy, all")]
    [TestCase(503, "webhook-busy, all")]
    public void A_status_means(int status, string meaning)
        => Assert.That(
            WebhookAnswer.Of((HttpStatusCode)status, null) switch
            {
                WebhookAnswer.Taken => "taken",
                WebhookAnswer.NotTaken not => $"{not.Trouble.Code}, {(not.Whole ? "all" : "this one")}",
                _ => "",
            },
            Is.EqualTo(meaning));

    [Test]
    public void Pauses_grow_to_an_hour_and_differ_by_a_fifth_at_most()
    {
        var delays = Enumerable.Range(0, 30).Select(tries => WebhookBackoff.Delay(tries, Id, WebhookBackoff.Longest, null)).ToList();

        Assert.Multiple(() =>
        {
            for (var tries = 0; tries < delays.Count; tries++)
            {
                var mean = Math.Min(5 * Math.Pow(2, tries), 3600);
                Assert.That(delays[tries].TotalSeconds, Is.InRange(0.8 * mean, 1.2 * mean));
            }
        });
    }

    [TestCase(600, 600)]
    [TestCase(10 * 86400, 86400)]
    public void What_the_receiver_asks_for_is_heeded_up_to_a_day(int asked, int heeded)
        => Assert.That(WebhookBackoff.Delay(0, Id, WebhookBackoff.Longest, TimeSpan.FromSeconds(asked)), Is.EqualTo(TimeSpan.FromSeconds(heeded)));

    [Test]
    public void What_to_do_names_the_settings_of_the_webhook()
        => Assert.That(WebhookTrouble.All.Select(trouble => trouble.FixFor("tracker")), Has.None.Contains("{").And.Some.Contains("Webhooks:tracker:Url"));

    [Test]
    public void Every_code_is_in_the_runbook()
    {
        var runbook = File.ReadAllText(Path.Combine(Contracts.ContractFiles.Folder, "../docs/runbook.md"));

        Assert.That(WebhookTrouble.All.Select(trouble => trouble.Code).Where(code => !runbook.Contains($"`{code}`", StringComparison.Ordinal)), Is.Empty);
    }
}
