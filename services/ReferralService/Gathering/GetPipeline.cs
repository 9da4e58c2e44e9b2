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

    private readonly ResiliencePipeline _pipeline;
    private readonly TimeProvider _clock;
    private readonly GetPipelineOptions _options;
    private long _pausedUntil;

    /// <param name="breakerMoved">Told each time the breaker opens, half-opens or closes.</param>
    public GetPipeline(GetPipelineOptions options, TimeProvider clock, Action<BreakerState>? breakerMoved = null)
    {
        _clock = clock;
        _options = options;
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = clock }
            .AddTimeout(options.Total)
            .AddRetry(new RetryStrategyOptions
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
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
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

    /// <exception cref="FhirRequestException">The last attempt's, or one of ours when the pipeline itself gave up; RetryAfter at most an hour.</exception>
    /// <exception cref="FhirFormatException">The last attempt's.</exception>
    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> get, CancellationToken cancellationToken)
    {
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(Began, _clock.GetTimestamp());
        try
        {
            return await _pipeline.ExecuteAsync(
                static async (context, state) => await state.This.AttemptAsync(state.Get, context.CancellationToken), context, (This: this, Get: get));
        }
        catch (TimeoutRejectedException e)
        {
            throw new FhirRequestException(RequestCode.Timeout, RequestProgress.MaybeSent, null, [], null, e);
        }
        catch (BrokenCircuitException e)
        {
            throw new FhirRequestException(RequestCode.Unreachable, RequestProgress.NotSent, null, [], e.RetryAfter, e);
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

    private async Task<T> AttemptAsync<T>(Func<CancellationToken, Task<T>> get, CancellationToken cancellationToken)
    {
        // What one request was told holds for all of them.
        var pause = new DateTimeOffset(Interlocked.Read(ref _pausedUntil), TimeSpan.Zero) - _clock.GetUtcNow();
        if (pause > _options.LongestRetryAfter) throw new FhirRequestException(RequestCode.HttpStatus, RequestProgress.NotSent, HttpStatusCode.TooManyRequests, [], pause);
        if (pause > TimeSpan.Zero) await Task.Delay(pause, _clock, cancellationToken);

        try
        {
            return await get(cancellationToken);
        }
        catch (FhirRequestException e) when (e.Status is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable && Wait(e) > TimeSpan.Zero)
        {
            PauseUntil((_clock.GetUtcNow() + Wait(e)).UtcTicks);
            throw;
        }
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
}
