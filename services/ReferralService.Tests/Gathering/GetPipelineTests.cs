using System.Net;
using ReferralService.Fhir.Errors;
using ReferralService.Gathering;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Gathering;

public sealed class GetPipelineTests
{
    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(20);
    /// <summary>However far a test's clock has to be pushed on a busy machine, only the retries decide.</summary>
    private static readonly GetPipelineOptions Patient = new() { Total = TimeSpan.FromHours(20), NoRetryAfter = TimeSpan.FromHours(20) };

    private readonly ManualTimeProvider _clock = new();

    [TestCase(408, 3)]
    [TestCase(425, 3)]
    [TestCase(429, 3)]
    [TestCase(500, 3)]
    [TestCase(502, 3)]
    [TestCase(503, 3)]
    [TestCase(504, 3)]
    [TestCase(400, 1)]
    [TestCase(401, 1)]
    [TestCase(403, 1)]
    [TestCase(404, 1)]
    [TestCase(405, 1)]
    [TestCase(406, 1)]
    [TestCase(410, 1)]
    [TestCase(415, 1)]
    [TestCase(422, 1)]
    [TestCase(501, 1)]
    public async Task A_status_is_asked_again_only_when_that_may_help(int status, int attempts)
        => Assert.That(await AttemptsAsync(Answer(status)), Is.EqualTo(attempts));

    [TestCase(RequestCode.Unreachable, 3)]
    [TestCase(RequestCode.Timeout, 3)]
    [TestCase(RequestCode.Reset, 3)]
    [TestCase(RequestCode.Tls, 1)]
    [TestCase(RequestCode.NotFhir, 1)]
    [TestCase(RequestCode.ForeignOrigin, 1)]
    [TestCase(RequestCode.Redirect, 1)]
    [TestCase(RequestCode.TooLarge, 1)]
    public async Task A_broken_exchange_is_tried_again_and_a_wrong_one_is_not(string code, int attempts)
        => Assert.That(await AttemptsAsync(new FhirRequestException(code, RequestProgress.MaybeSent, null, [], null)), Is.EqualTo(attempts));

    [TestCase(FormatCode.JsonTruncated, 3)]
    [TestCase(FormatCode.JsonDuplicateKey, 1)]
    [TestCase(FormatCode.WrongType, 1)]
    public async Task Half_a_body_is_asked_for_again_and_a_bad_one_is_not(string code, int attempts)
        => Assert.That(await AttemptsAsync(new FhirFormatException(code, "structure", null, "x")), Is.EqualTo(attempts));

    [Test]
    [Fault("E05")]
    public async Task Retry_After_is_waited_out_to_the_second()
    {
        var pipeline = new GetPipeline(new GetPipelineOptions(), _clock);
        int attempts = 0;
        var again = new TaskCompletionSource();

        var run = pipeline.RunAsync(
            _ =>
            {
                if (Interlocked.Increment(ref attempts) == 1) throw Answer(429, TimeSpan.FromSeconds(7));
                again.SetResult();
                return Task.FromResult("page");
            },
            CancellationToken.None);
        _clock.Advance(TimeSpan.FromSeconds(7) - TimeSpan.FromTicks(1));
        Assert.That((attempts, run.IsCompleted), Is.EqualTo((1, false)));
        _clock.Advance(TimeSpan.FromTicks(1));
        await again.Task.WaitAsync(Ceiling);

        Assert.That(await run.WaitAsync(Ceiling), Is.EqualTo("page"));
    }

    [TestCase(31, 31)]
    [TestCase(1_000_000_000, 3600)]
    [Fault("E05")]
    public void A_longer_Retry_After_is_handed_up_at_once_and_never_more_than_an_hour(int told, int handedUp)
    {
        var pipeline = new GetPipeline(new GetPipelineOptions(), _clock);
        int attempts = 0;

        var refused = Assert.ThrowsAsync<FhirRequestException>(() => pipeline.RunAsync<int>(_ => throw Counted(ref attempts, Answer(429, TimeSpan.FromSeconds(told))), CancellationToken.None));

        Assert.That(attempts, Is.EqualTo(1));
        Assert.That(EhrFailure.Of(refused)!.RetryAfter, Is.EqualTo(TimeSpan.FromSeconds(handedUp)));
    }

    [Test]
    [Fault("E05")]
    public void What_one_request_was_told_holds_for_the_others()
    {
        var pipeline = new GetPipeline(new GetPipelineOptions(), _clock);
        int asked = 0;
        Assert.ThrowsAsync<FhirRequestException>(() => pipeline.RunAsync<int>(_ => throw Answer(429, TimeSpan.FromMinutes(5)), CancellationToken.None));
        _clock.Advance(TimeSpan.FromMinutes(1));

        var refused = Assert.ThrowsAsync<FhirRequestException>(() => pipeline.RunAsync(_ => Task.FromResult(++asked), CancellationToken.None));
        Assert.That((asked, EhrFailure.Of(refused)!.RetryAfter), Is.EqualTo((0, TimeSpan.FromMinutes(4))));

        _clock.Advance(TimeSpan.FromMinutes(4));
        Assert.That(pipeline.RunAsync(_ => Task.FromResult(++asked), CancellationToken.None).Result, Is.EqualTo(1));
    }

    [Test]
    [Fault("E05")]
    public async Task Asking_during_a_pause_does_not_make_it_longer()
    {
        var clock = new SecondsByLook();
        var pipeline = new GetPipeline(new GetPipelineOptions { LongestRetryAfter = TimeSpan.Zero }, clock);
        Assert.ThrowsAsync<FhirRequestException>(() => pipeline.RunAsync<int>(_ => throw Answer(429, TimeSpan.FromMinutes(5)), CancellationToken.None));
        var end = clock.Now + TimeSpan.FromMinutes(5);

        for (bool answered = false; !answered;)
        {
            try
            {
                answered = await pipeline.RunAsync(_ => Task.FromResult(true), CancellationToken.None);
            }
            catch (FhirRequestException e) when (e.Progress == RequestProgress.NotSent)
            {
                // Not yet.
            }
        }

        Assert.That(clock.Now - end, Is.LessThan(TimeSpan.FromSeconds(20)));
    }

    [Test]
    [Fault("E06")]
    public async Task An_EHR_that_only_fails_is_left_alone_for_a_while()
    {
        var states = new List<BreakerState>();
        var pipeline = new GetPipeline(new GetPipelineOptions { Retries = 1, FirstDelay = TimeSpan.FromTicks(1) }, _clock, states.Add);
        int asked = 0;
        for (int i = 0; i < 20; i++) await FailAsync(pipeline, () => throw Counted(ref asked, Answer(500)), TimeSpan.FromMilliseconds(1));
        int whenOpen = asked;
        var failure = await FailAsync(pipeline, () => throw Counted(ref asked, Answer(500)));

        Assert.That(states, Does.Contain(BreakerState.Open));
        Assert.That(asked, Is.EqualTo(whenOpen));
        Assert.That(EhrFailure.Of(failure!)!.Kind, Is.EqualTo(FailureKind.Transient));
    }

    [Test]
    public async Task A_request_that_never_ends_is_given_up_within_the_total_time()
    {
        var pipeline = new GetPipeline(new GetPipelineOptions { Retries = 10, Total = TimeSpan.FromSeconds(100) }, _clock);
        var run = pipeline.RunAsync<int>(async token =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, _clock, token);
            return 0;
        }, CancellationToken.None);

        while (!run.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        var failure = Assert.ThrowsAsync<FhirRequestException>(() => run);
        Assert.That(failure.Code, Is.EqualTo(RequestCode.Timeout));
    }

    [Test]
    public void Cancelling_is_not_a_failure()
    {
        using var cancel = new CancellationTokenSource();
        var pipeline = new GetPipeline(new GetPipelineOptions(), _clock);

        Assert.That(
            () => pipeline.RunAsync<int>(token => { cancel.Cancel(); token.ThrowIfCancellationRequested(); return Task.FromResult(0); }, cancel.Token),
            Throws.InstanceOf<OperationCanceledException>());
    }

    private async Task<int> AttemptsAsync(Exception failure)
    {
        int attempts = 0;
        await FailAsync(new GetPipeline(Patient with { Retries = 2 }, _clock), () => throw Counted(ref attempts, failure));
        return attempts;
    }

    /// <summary>Pushes the clock until the pipeline has given up, leaving it time to react to each push.</summary>
    private async Task<Exception?> FailAsync(GetPipeline pipeline, Func<int> get, TimeSpan? step = null)
    {
        var run = pipeline.RunAsync(_ => Task.FromResult(get()), CancellationToken.None);
        while (!run.IsCompleted)
        {
            _clock.Advance(step ?? TimeSpan.FromSeconds(2));
            await Task.WhenAny(run, Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System));
        }

        return run.Exception?.InnerException;
    }

    private static Exception Counted(ref int count, Exception failure)
    {
        Interlocked.Increment(ref count);
        return failure;
    }

    private static FhirRequestException Answer(int status, TimeSpan? retryAfter = null)
        => new(RequestCode.HttpStatus, RequestProgress.Answered, (HttpStatusCode)status, [], retryAfter);

    /// <summary>It is a second later at each look.</summary>
    private sealed class SecondsByLook : TimeProvider
    {
        public DateTimeOffset Now { get; private set; } = new(2026, 11, 22, 10, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now += TimeSpan.FromSeconds(1);
    }
}
