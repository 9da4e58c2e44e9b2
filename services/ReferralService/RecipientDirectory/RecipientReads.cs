using ReferralService.Fhir.Client;
using ReferralService.Fhir.Errors;
using ReferralService.Gathering;

namespace ReferralService.RecipientDirectory;

/// <summary>The GETs to one recipient (its /metadata, probes): repeating one is harmless, so they go through the same pipeline as those to an EHR.</summary>
internal sealed class RecipientReads(string recipient, FhirClient client, GetPipeline pipeline, PartnerContacts contacts, TimeProvider clock)
{
    /// <summary>The same with a bound for all tries together.</summary>
    /// <exception cref="FhirRequestException">The last try's, or a timeout when the time was over.</exception>
    /// <exception cref="FhirFormatException">The last try's.</exception>
    public async Task<T> RunAsync<T>(Func<FhirClient, CancellationToken, Task<T>> read, TimeSpan longest, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(longest, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        try
        {
            return await RunAsync(read, either.Token);
        }
        catch (OperationCanceledException e) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            contacts.Failed(PartnerKind.Recipient, recipient, clock.GetUtcNow());
            throw new FhirRequestException(RequestCode.Timeout, RequestProgress.MaybeSent, null, [], null, e);
        }
    }

    /// <summary>One exchange, neither repeated nor kept from a partner whose breaker is open; what it shows is the caller's to tell.</summary>
    public Task<T> OnceAsync<T>(Func<FhirClient, CancellationToken, Task<T>> read, CancellationToken cancellationToken) => read(client, cancellationToken);

    /// <param name="read">Called once for each try; whatever it fills must be emptied at its start.</param>
    /// <exception cref="FhirRequestException">The last try's.</exception>
    /// <exception cref="FhirFormatException">The last try's.</exception>
    public async Task<T> RunAsync<T>(Func<FhirClient, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        try
        {
            var result = await pipeline.RunAsync(client, read, cancellationToken);
            contacts.Succeeded(PartnerKind.Recipient, recipient, clock.GetUtcNow());
            return result;
        }
        catch (FhirRequestException e) when (e.Progress == RequestProgress.Answered && !GetPipeline.IsTransient(e))
        {
            contacts.Succeeded(PartnerKind.Recipient, recipient, clock.GetUtcNow());
            throw;
        }
        catch (FhirRequestException)
        {
            contacts.Failed(PartnerKind.Recipient, recipient, clock.GetUtcNow());
            throw;
        }
    }
}
