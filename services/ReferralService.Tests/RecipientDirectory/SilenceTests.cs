using ReferralService.RecipientDirectory;
using ReferralService.Tests.Delivery;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.RecipientDirectory;

/// <summary>A recipient that told at /metadata what it takes, and then says nothing there: a page of maintenance, a route that is gone for a while.</summary>
[Fault("C09")]
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class SilenceTests
{
    private const string Good = """
        {"resourceType":"CapabilityStatement","status":"active","date":"2026-11-22","kind":"instance","fhirVersion":"4.0.1","format":["json"],
        "rest":[{"mode":"server","resource":[{"type":"Bundle","updateCreate":true,"interaction":[{"code":"create"},{"code":"update"},{"code":"read"}]}]}]}
        """;

    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(30);

    private readonly ManualTimeProvider _clock = new();
    private (int Status, string? Body) _answer = (200, Good);

    [TestCase(400, null)]
    [TestCase(404, null)]
    [TestCase(501, null)]
    [TestCase(200, "<html>Back in two minutes</html>")]
    [TestCase(200, """{"resourceType":"OperationOutcome","issue":[]}""")]
    public async Task It_replaces_nothing_that_was_told_and_nothing_that_was_learned(int status, string? body)
    {
        await using var recipient = await StartAsync();
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base, _clock);
        var before = await FindAsync(bench);
        await bench.Memory.LearnAsync("recipient:uro", RecipientFacts.MaxBytes, "1000", CancellationToken.None);
        var learned = await bench.Memory.RecallAsync("recipient:uro", CancellationToken.None);
        _answer = (status, body);
        _clock.Advance(CapabilityQuestion.Freshness);

        var during = await FindAsync(bench);
        var asked = recipient.Requests;
        var again = await FindAsync(bench);

        Assert.Multiple(async () =>
        {
            Assert.That(before, Is.InstanceOf<TargetResolution.Ready>());
            Assert.That(new[] { during, again }, Has.All.EqualTo(before));
            Assert.That((asked, recipient.Requests), Is.EqualTo((2, 2)), "asked anew, and then left alone for a while");
            Assert.That(await bench.Memory.RecallAsync("recipient:uro", CancellationToken.None), Is.EqualTo(learned));
        });
    }

    [Test]
    public async Task It_is_asked_again_after_its_rest_and_what_it_tells_then_counts()
    {
        await using var recipient = await StartAsync();
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base, _clock);
        await FindAsync(bench);
        _answer = (404, null);
        _clock.Advance(CapabilityQuestion.Freshness);
        await FindAsync(bench);
        _answer = (200, Good.Replace("\"updateCreate\":true", "\"updateCreate\":false", StringComparison.Ordinal));
        _clock.Advance(CapabilityQuestion.Rest);

        var after = await FindAsync(bench);

        Assert.That(((TargetResolution.Ready)after).Target.Route, Is.EqualTo(DeliveryRoute.PostBundle));
    }

    [Test]
    public async Task A_day_of_it_is_believed()
    {
        await using var recipient = await StartAsync();
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base, _clock);
        await FindAsync(bench);
        _answer = (404, null);
        _clock.Advance(TimeSpan.FromHours(23));
        var within = await FindAsync(bench);
        _clock.Advance(TimeSpan.FromHours(1));

        var after = await FindAsync(bench);

        Assert.That(within, Is.InstanceOf<TargetResolution.Ready>());
        Assert.That((after as TargetResolution.Held)?.Code, Is.EqualTo("recipient-incapable"));
    }

    [Test]
    public async Task What_was_learned_holds_for_one_that_says_nothing_and_not_for_another_address()
    {
        await using var ledger = await TemporaryLedger.OpenAsync();
        var here = new RecipientOptions { Name = "uro", BaseUrl = new Uri("https://here.example/fhir"), Form = RecipientForm.Document };
        var finder = new IdempotencyFinder(ledger.Memory);
        await finder.FactsAsync(here, new ReferralService.Fhir.Resources.CapabilityView { Software = "x 1" }, CancellationToken.None);
        await ledger.Memory.LearnAsync("recipient:uro", RecipientFacts.PutBundle, RecipientFacts.Refused, CancellationToken.None);

        var silent = await finder.FactsAsync(here, null, CancellationToken.None);
        var elsewhere = await finder.FactsAsync(here with { BaseUrl = new Uri("https://there.example/fhir") }, null, CancellationToken.None);

        Assert.That(silent, Does.ContainKey(RecipientFacts.PutBundle));
        Assert.That(elsewhere, Is.Empty);
    }

    private Task<ScriptedRecipient> StartAsync() => ScriptedRecipient.StartAsync(http => ScriptedRecipient.AnswerAsync(http, _answer.Status, _answer.Body));

    /// <summary>The clock stands meanwhile: what waited for it would not end.</summary>
    private static Task<TargetResolution> FindAsync(DeliveryBench bench) => bench.Targets.FindAsync(DeliveryBench.Recipient, default, CancellationToken.None).WaitAsync(Ceiling);
}
