using Microsoft.AspNetCore.Http;
using ReferralService.RecipientDirectory;
using ReferralService.Tests.Delivery;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.RecipientDirectory;

/// <summary>How a recipient is asked for its /metadata: once for all who want to know, and nobody is kept waiting by one that does not answer.</summary>
[Fault("C09")]
internal sealed class QuestionTests
{
    private const string Statement = """
        {"resourceType":"CapabilityStatement","status":"active","date":"2026-11-22","kind":"instance","fhirVersion":"4.0.1","format":["json"],
        "rest":[{"mode":"server","resource":[{"type":"Bundle","updateCreate":true,"interaction":[{"code":"create"},{"code":"update"},{"code":"read"}]}]}]}
        """;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly ManualTimeProvider _clock = new();

    [Test]
    public async Task Many_who_want_to_know_at_once_are_answered_by_one_question()
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var recipient = await ScriptedRecipient.StartAsync(async http =>
        {
            await go.Task;
            await ScriptedRecipient.AnswerAsync(http, 200, Statement);
        });
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base, _clock);

        var all = Enumerable.Range(0, 20).Select(_ => FindAsync(bench)).ToList();
        go.SetResult();

        Assert.That(await Task.WhenAll(all), Has.All.InstanceOf<TargetResolution.Ready>());
        Assert.That(recipient.Requests, Is.EqualTo(1));
    }

    [Test]
    public async Task One_that_does_not_answer_is_waited_for_a_second_and_then_not_at_all()
    {
        await using var recipient = await ScriptedRecipient.StartAsync(Never);
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base, _clock);

        var first = await AsTimePassesAsync(FindAsync(bench));
        // The clock stands: whoever waited now would wait for ever.
        var next = await FindAsync(bench);

        Assert.That(first, Is.EqualTo(next).And.InstanceOf<TargetResolution.Awaited>());
        Assert.That(((TargetResolution.Awaited)first).For, Is.InRange(CapabilityQuestion.Patience, 3 * Second));
        Assert.That(bench.Targets.Awaits(DeliveryBench.Recipient, default), Is.EqualTo(((TargetResolution.Awaited)first).For), "nor need anybody begin with it");
    }

    [Test]
    public async Task One_that_has_not_answered_is_left_alone_for_half_a_minute_and_then_asked_without_anybody_waiting()
    {
        await using var recipient = await ScriptedRecipient.StartAsync(Never);
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base, _clock);
        var began = _clock.GetUtcNow();
        var failed = await GivesUpAsync(bench);
        var took = _clock.GetUtcNow() - began;
        var asked = recipient.Requests;

        _clock.Advance(10 * Second);
        var rests = await FindAsync(bench);
        var askedMeanwhile = recipient.Requests - asked;
        _clock.Advance(failed.RetryAfter!.Value);
        var again = await FindAsync(bench);

        Assert.Multiple(() =>
        {
            Assert.That(took, Is.InRange(CapabilityQuestion.Longest, CapabilityQuestion.Longest + (5 * Second)), "all its tries together");
            Assert.That(failed.Code, Is.EqualTo("recipient-unreachable"));
            Assert.That(rests, Is.EqualTo(failed with { RetryAfter = failed.RetryAfter - (10 * Second) }));
            Assert.That(askedMeanwhile, Is.Zero);
            Assert.That(again, Is.EqualTo(new TargetResolution.Awaited(TimeSpan.Zero)));
        });
    }

    [Test]
    public async Task An_older_answer_serves_while_there_is_no_newer_one()
    {
        var answers = true;
        await using var recipient = await ScriptedRecipient.StartAsync(http => answers ? ScriptedRecipient.AnswerAsync(http, 200, Statement) : Never(http));
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base, _clock);
        await FindAsync(bench);
        answers = false;
        _clock.Advance(CapabilityQuestion.Freshness);

        var meanwhile = await AsTimePassesAsync(FindAsync(bench));
        _clock.Advance(CapabilityQuestion.Longest);
        var after = await AsTimePassesAsync(FindAsync(bench));

        Assert.That(new[] { meanwhile, after }, Has.All.InstanceOf<TargetResolution.Ready>());
        Assert.That(recipient.Requests, Is.GreaterThan(1), "it was asked anew");
    }

    [Test]
    public async Task What_a_person_has_to_mend_is_told_to_all_who_waited_and_looked_at_anew_for_who_wishes_it_later()
    {
        await using var recipient = await ScriptedRecipient.StartAsync(http => ScriptedRecipient.AnswerAsync(http, 401));
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base, _clock);
        var wished = _clock.GetUtcNow();
        _clock.Advance(Second);
        await bench.Targets.FindAsync(DeliveryBench.Recipient, wished, CancellationToken.None);

        await bench.Targets.FindAsync(DeliveryBench.Recipient, wished, CancellationToken.None);
        var forBoth = recipient.Requests;
        await bench.Targets.FindAsync(DeliveryBench.Recipient, _clock.GetUtcNow(), CancellationToken.None);

        Assert.That((forBoth, recipient.Requests), Is.EqualTo((1, 2)));
    }

    private static Task Never(HttpContext http) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, http.RequestAborted);

    private static Task<TargetResolution> FindAsync(DeliveryBench bench) => bench.Targets.FindAsync(DeliveryBench.Recipient, default, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));

    private async Task<TargetResolution.Deferred> GivesUpAsync(DeliveryBench bench)
    {
        while (true)
        {
            if (await AsTimePassesAsync(FindAsync(bench)) is TargetResolution.Deferred deferred)
            {
                return deferred;
            }

            await PassAsync();
        }
    }

    private async Task<TargetResolution> AsTimePassesAsync(Task<TargetResolution> found)
    {
        while (!found.IsCompleted)
        {
            await PassAsync();
        }

        return await found;
    }

    /// <summary>A quarter of a second of the service's, and a moment of ours in which it may act on it.</summary>
    private Task PassAsync()
    {
        _clock.Advance(TimeSpan.FromMilliseconds(250));
        return Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
    }
}
