using System.Diagnostics;
using System.Net;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;
using ReferralService.Fhir.Errors;

namespace ReferralService.Gathering;

/// <summary>Times of a <see cref="GetPipeline"/>.</summary>
internal sealed record GetPipelineOptions
{
    /// <summary>For one page or resource with all its attempts, however steadily it comes. What stalls or trickles ends far earlier, by the client's own limits.</summary>
    public TimeSpan Total { get; init; } = TimeSpan.FromHours(2);

    /// <summary>No attempt begins later than this after the first; longer patience belongs to <c>due_at</c>.</summary>
    public TimeSpan NoRetryAfter { get; init; } = TimeSpan.FromMinutes(3);

    public int Retries { get; init; } = 4;

    /// <summary>Before the first retry; doubled each time, with jitter.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromMilliseconds(400);

    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A longer Retry-After is not slept through here but handed up.</summary>
    public TimeSpan LongestRetryAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an EHR that keeps failing is left alone.</summary>
    public TimeSpan Break { get; init; } = TimeSpan.FromSeconds(20);
}

/// <summary>How one EHR is asked: total timeout → retry → circuit breaker. For GETs only: what may be asked again at will.</summary>
/// <remarks>A page is fetched and read to its end inside one execution; what a failed attempt left behind is the caller's to drop.</remarks>
internal sealed class GetPipeline
{
    /// <summary>No Retry-After is believed beyond this.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    private static readonly ResiliencePropertyKey<long> Began = new("began");

    private readonly ResiliencePipeline<object> _pipeline;
    private readonly TimeProvider _clock;
    private readonly GetPipelineOptions _options;
    private long _pausedUntil;

    /// <param name="breakerMoved">Told each time the breaker opens, half-opens or closes.</param>
    public GetPipeline(GetPipelineOptions options, TimeProvider clock, Action<BreakerState>? breakerMoved = null)
    {
        _clock = clock;
        _options = options;
        _pipeline = new ResiliencePipelineBuilder<object> { TimeProvider = clock }
            .AddTimeout(options.Total)
            .AddRetry(new RetryStrategyOptions<object>
            {
                ShouldHandle = args => ValueTask.FromResult(
                    IsTransient(args.Outcome.Exception) && Wait(args.Outcome.Exception) <= options.LongestRetryAfter
                    && clock.GetElapsedTime(args.Context.Properties.GetValue(Began, 0L)) < options.NoRetryAfter),
                MaxRetryAttempts = options.Retries,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = options.FirstDelay,
                MaxDelay = options.LongestDelay,
                DelayGenerator = args => ValueTask.FromResult(
                    Wait(args.Outcome.Exception) is { Ticks: > 0 } told ? told : (TimeSpan?)null),
            })
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<object>
            {
                ShouldHandle = args => ValueTask.FromResult(SaysItIsDown(args.Outcome.Exception)),
                FailureRatio = 0.8,
                MinimumThroughput = 20,
                SamplingDuration = TimeSpan.FromSeconds(30),
                BreakDuration = options.Break,
                OnOpened = _ => Tell(BreakerState.Open),
                OnHalfOpened = _ => Tell(BreakerState.HalfOpen),
                OnClosed = _ => Tell(BreakerState.Closed),
            })
            .Build();

        ValueTask Tell(BreakerState state)
        {
            breakerMoved?.Invoke(state);
            return ValueTask.CompletedTask;
        }
    }

    /// <inheritdoc cref="RunAsync{TAsked, T}(TAsked, Func{TAsked, CancellationToken, Task{T}}, CancellationToken)"/>
    public Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> get, CancellationToken cancellationToken)
        => RunAsync(get, static (get, token) => get(token), cancellationToken);

    /// <param name="asked">Given to <paramref name="get"/> at each attempt.</param>
    /// <exception cref="FhirRequestException">The last attempt's, or one of ours when the pipeline itself gave up; RetryAfter at most an hour.</exception>
    /// <exception cref="FhirFormatException">The last attempt's.</exception>
    public async Task<T> RunAsync<TAsked, T>(TAsked asked, Func<TAsked, CancellationToken, Task<T>> get, CancellationToken cancellationToken)
    {
        var attempts = new Attempts<TAsked, T>(this, asked, get);
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(Began, _clock.GetTimestamp());
        try
        {
            var outcome = await _pipeline.ExecuteOutcomeAsync(static (context, attempts) => attempts.RunAsync(context.CancellationToken), context, (Attempts)attempts);
            switch (outcome.Exception)
            {
                case null:
                    return attempts.Got;
                case TimeoutRejectedException e:
                    throw new FhirRequestException(RequestCode.Timeout, RequestProgress.MaybeSent, null, [], null, e);
                case BrokenCircuitException e:
                    throw new FhirRequestException(RequestCode.Unreachable, RequestProgress.NotSent, null, [], e.RetryAfter, e);
                default:
                    outcome.ThrowIfException();
                    throw new UnreachableException();
            }
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    /// <summary>How long the EHR asks to be left alone: zero when it does not say, an hour at most.</summary>
    public static TimeSpan Wait(Exception? failure)
        => failure is FhirRequestException { RetryAfter: { } told } ? (told < LongestPause ? told : LongestPause) : TimeSpan.Zero;

    public static bool IsTransient(Exception? failure) => failure switch
    {
        FhirRequestException { Status: { } status, Code: RequestCode.HttpStatus } => status is HttpStatusCode.RequestTimeout or (HttpStatusCode)425
            or HttpStatusCode.TooManyRequests or HttpStatusCode.InternalServerError or HttpStatusCode.BadGateway
            or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout,
        FhirRequestException e => e.Code is RequestCode.Unreachable or RequestCode.Timeout or RequestCode.Reset,
        FhirFormatException e => e.Code == FormatCode.JsonTruncated,
        TimeoutRejectedException => true,
        _ => false,
    };

    private static bool SaysItIsDown(Exception? failure)
        => IsTransient(failure) && failure is not FhirRequestException { Status: HttpStatusCode.TooManyRequests };

    /// <summary>What one request was told holds for all of them.</summary>
    private Task PausedAsync(CancellationToken cancellationToken)
    {
        long until = Interlocked.Read(ref _pausedUntil);
        if (until == 0) return Task.CompletedTask;
        var pause = new DateTimeOffset(until, TimeSpan.Zero) - _clock.GetUtcNow();
        if (pause > _options.LongestRetryAfter) throw new FhirRequestException(RequestCode.HttpStatus, RequestProgress.NotSent, HttpStatusCode.TooManyRequests, [], pause);
        return pause > TimeSpan.Zero ? Task.Delay(pause, _clock, cancellationToken) : Task.CompletedTask;
    }

    /// <summary>Requests under way side by side are told different waits: the longest holds.</summary>
    private void PauseUntil(long ticks)
    {
        for (long known = Interlocked.Read(ref _pausedUntil); known < ticks;)
        {
            long met = Interlocked.CompareExchange(ref _pausedUntil, ticks, known);
            if (met == known) return;
            known = met;
        }
    }

    /// <summary>The attempts of one request. The pipeline sees only that they ended, and how: it is made once, whatever comes of them, and an exception is thrown where they are over instead of at each of its steps.</summary>
    private abstract class Attempts
    {
        public abstract ValueTask<Outcome<object>> RunAsync(CancellationToken cancellationToken);
    }

    private sealed class Attempts<TAsked, T>(GetPipeline pipeline, TAsked asked, Func<TAsked, CancellationToken, Task<T>> get) : Attempts
    {
        /// <summary>By the attempt that succeeded.</summary>
        public T Got { get; private set; } = default!;

        public override async ValueTask<Outcome<object>> RunAsync(CancellationToken cancellationToken)
        {
            bool isAsked = false;
            try
            {
                await pipeline.PausedAsync(cancellationToken);
                isAsked = true;
                Got = await get(asked, cancellationToken);
                return Outcome.FromResult<object>(this);
            }
            catch (Exception e)
            {
                // What we said ourselves because of a pause is no news of the EHR's: it would make the pause longer each time.
                if (isAsked && e is FhirRequestException { Status: HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable } && Wait(e) is { Ticks: > 0 } told)
                    pipeline.PauseUntil((pipeline._clock.GetUtcNow() + told).UtcTicks);
                return Outcome.FromException<object>(e);
            }
        }
    }
}
