using System.Net;
using System.Security.Authentication;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;
using ReferralService.Fhir.Client;
using ReferralService.Fhir.Errors;

namespace ReferralService;

/// <summary>The GETs to one partner (reads, searches, probes): repeating one is harmless, so it is retried freely for some seconds. Longer waits belong to the ledger's due_at.</summary>
internal sealed class PartnerGets
{
    /// <summary>A wait asked for that is longer than this is not slept here but handed up with the failure.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private readonly (PartnerKind Kind, string Name) _partner;
    private readonly FhirClient _client;
    private readonly PartnerContacts _contacts;
    private readonly TimeProvider _clock;
    private readonly ResiliencePipeline _pipeline;

    public PartnerGets(PartnerKind kind, string name, FhirClient client, PartnerContacts contacts, TimeProvider clock)
    {
        (_partner, _client, _contacts, _clock) = ((kind, name), client, contacts, clock);
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = clock }
            .AddTimeout(TimeSpan.FromMinutes(10))
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = args => ValueTask.FromResult(args.Outcome.Exception is FhirRequestException e && IsTransient(e) && !(e.RetryAfter > LongestWait)),
                MaxRetryAttempts = 3,
                Delay = TimeSpan.FromMilliseconds(500),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                DelayGenerator = args => ValueTask.FromResult((args.Outcome.Exception as FhirRequestException)?.RetryAfter),
            })
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                ShouldHandle = args => ValueTask.FromResult(args.Outcome.Exception is FhirRequestException e && IsTransient(e)),
                FailureRatio = 0.9,
                MinimumThroughput = 12,
                SamplingDuration = TimeSpan.FromSeconds(60),
                BreakDuration = TimeSpan.FromSeconds(15),
                OnOpened = _ => Breaker(BreakerState.Open),
                OnHalfOpened = _ => Breaker(BreakerState.HalfOpen),
                OnClosed = _ => Breaker(BreakerState.Closed),
            })
            .Build(); // The attempt's own limit is the client's: no byte for its idle timeout.
    }

    /// <summary>Runs one GET, as often as the pipeline says.</summary>
    /// <param name="read">Called once for each try; whatever it fills must be emptied at its start.</param>
    /// <exception cref="FhirRequestException">The last try's; or code <c>unreachable</c> while the breaker is open, with the time until it lets one through.</exception>
    public async Task<T> RunAsync<T>(Func<FhirClient, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        try
        {
            var result = await _pipeline.ExecuteAsync(
                static async (state, token) => await state.read(state._client, token), (read, _client), cancellationToken);
            _contacts.Succeeded(_partner.Kind, _partner.Name, _clock.GetUtcNow());
            return result;
        }
        catch (FhirRequestException e) when (!IsTransient(e) && e.Status is not null)
        {
            _contacts.Succeeded(_partner.Kind, _partner.Name, _clock.GetUtcNow());
            throw;
        }
        catch (FhirRequestException)
        {
            _contacts.Failed(_partner.Kind, _partner.Name, _clock.GetUtcNow());
            throw;
        }
        catch (TimeoutRejectedException e)
        {
            _contacts.Failed(_partner.Kind, _partner.Name, _clock.GetUtcNow());
            throw new FhirRequestException("timeout", RequestProgress.MaybeSent, null, [], null, e);
        }
        catch (BrokenCircuitException e)
        {
            throw new FhirRequestException("unreachable", RequestProgress.NotSent, null, [], e.RetryAfter, e);
        }
    }

    /// <summary>Whether the same GET may well succeed a little later: nothing was answered, or an answer that says "not now".</summary>
    public static bool IsTransient(FhirRequestException e) => e.Status switch
    {
        null => e.Code is "unreachable" or "timeout" or "reset" || (e.Code == "tls" && !IsUntrusted(e)),
        HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or (HttpStatusCode)425 => true,
        HttpStatusCode.InternalServerError or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout => true,
        _ => false,
    };

    /// <summary>TLS was answered and found wanting (certificate, name, version): a person must mend it. A handshake that broke off is not that.</summary>
    public static bool IsUntrusted(FhirRequestException e)
    {
        for (var inner = e.InnerException; inner is not null; inner = inner.InnerException)
        {
            if (inner is AuthenticationException)
            {
                return true;
            }
        }

        return false;
    }

    private ValueTask Breaker(BreakerState state)
    {
        _contacts.Breaker(_partner.Kind, _partner.Name, state);
        return ValueTask.CompletedTask;
    }
}
