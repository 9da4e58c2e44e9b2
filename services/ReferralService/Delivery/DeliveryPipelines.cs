using System.Collections.Concurrent;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;
using ReferralService.Contracts;

namespace ReferralService.Delivery;

/// <summary>The pipeline around one attempt, one per recipient (its breaker is that recipient's). It repeats only what provably had no effect; days of patience belong to due_at.</summary>
internal sealed class DeliveryPipelines(DeliveryOptions options, PartnerContacts contacts, TimeProvider clock)
{
    /// <summary>A Retry-After up to this is waited out within the attempt; a longer one is handed up.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private static readonly ResiliencePropertyKey<TimeSpan> Longest = new("longest");
    private static readonly ResiliencePropertyKey<long> Began = new("began");

    private readonly ConcurrentDictionary<string, ResiliencePipeline<DeliveryOutcome>> _pipelines = new(StringComparer.Ordinal);

    /// <summary>Runs an attempt of a package of <paramref name="bytes"/>, never longer than its lease must hold (<see cref="DeliveryOptions.LongestAttempt"/>).</summary>
    /// <param name="exchange">One HTTP exchange. When its token fires and the caller's has not, it answers with an outcome instead of throwing.</param>
    public async Task<DeliveryOutcome> RunAsync(
        string recipient, long bytes, Func<CancellationToken, ValueTask<DeliveryOutcome>> exchange, CancellationToken cancellationToken)
    {
        var pipeline = _pipelines.GetOrAdd(recipient, Build);
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(Longest, options.LongestAttempt(bytes));
        context.Properties.Set(Began, clock.GetTimestamp());
        try
        {
            return await pipeline.ExecuteAsync(static (context, exchange) => exchange(context.CancellationToken), context, exchange);
        }
        catch (BrokenCircuitException e)
        {
            return new DeliveryOutcome.Unreachable(ReasonCodes.RecipientUnreachable, null, e.RetryAfter);
        }
        catch (TimeoutRejectedException)
        {
            // Only a wait between two tries can end like this: the tries themselves answer.
            return new DeliveryOutcome.Unreachable(ReasonCodes.RecipientUnreachable, null, null);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private ResiliencePipeline<DeliveryOutcome> Build(string recipient) => new ResiliencePipelineBuilder<DeliveryOutcome> { TimeProvider = clock }
        .AddTimeout(new TimeoutStrategyOptions
        {
            TimeoutGenerator = args => ValueTask.FromResult(args.Context.Properties.GetValue(Longest, TimeSpan.Zero)),
        })
        .AddRetry(new RetryStrategyOptions<DeliveryOutcome>
        {
            ShouldHandle = args => ValueTask.FromResult(
                args.Outcome.Result is DeliveryOutcome.Unreachable nothing && !(nothing.RetryAfter > LongestWait) && HasTimeFor(args.Context)),
            MaxRetryAttempts = 3,
            Delay = TimeSpan.FromMilliseconds(500),
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            DelayGenerator = args => ValueTask.FromResult((args.Outcome.Result as DeliveryOutcome.Unreachable)?.RetryAfter),
        })
        .AddCircuitBreaker(new CircuitBreakerStrategyOptions<DeliveryOutcome>
        {
            // Who asks us to slow down works; who does not answer, or not in a way to be understood, does not.
            ShouldHandle = args => ValueTask.FromResult(args.Outcome.Result is DeliveryOutcome.Unreachable { Status: not 429 } or DeliveryOutcome.Unknown),
            FailureRatio = 0.9,
            MinimumThroughput = 12,
            SamplingDuration = TimeSpan.FromSeconds(60),
            BreakDuration = TimeSpan.FromSeconds(15),
            OnOpened = _ => Breaker(recipient, BreakerState.Open),
            OnHalfOpened = _ => Breaker(recipient, BreakerState.HalfOpen),
            OnClosed = _ => Breaker(recipient, BreakerState.Closed),
        })
        .Build(); // The limit of one exchange, no progress for AttemptTimeout, is the exchange's own.

    /// <summary>A further try begins only early enough that it can still take its full time within the attempt's bound.</summary>
    private bool HasTimeFor(ResilienceContext context)
        => clock.GetElapsedTime(context.Properties.GetValue(Began, 0L)) < options.AttemptTimeout;

    private ValueTask Breaker(string recipient, BreakerState state)
    {
        contacts.Breaker(PartnerKind.Recipient, recipient, state);
        return ValueTask.CompletedTask;
    }
}
