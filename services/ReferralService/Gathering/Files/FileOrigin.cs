using ReferralService.Fhir.Client;
using ReferralService.Intake;

namespace ReferralService.Gathering.Files;

/// <summary>One server that files come from, asked as a stranger: no credentials, no cookies, no redirects; connections only to it, by the rule for partners.</summary>
internal sealed class FileOrigin : IDisposable
{
    private const int MostConnections = 8;

    private readonly HttpClient _http;
    private readonly FhirClient _client;
    private readonly GetPipeline _pipeline;

    /// <param name="watch">Of the EHR whose files these are.</param>
    public FileOrigin(Uri origin, FhirClientOptions clientOptions, GetPipelineOptions pipelineOptions, TimeProvider clock, EgressGuard guard, PartnerWatch watch)
    {
        _http = PartnerHttp.Open(origin, new PartnerAuth(), MostConnections, guard, watch);
        _client = new FhirClient(_http, origin, clientOptions, clock);
        _pipeline = new GetPipeline(pipelineOptions, clock);
    }

    /// <summary>Asks with timeouts, retries and a breaker of its own: that files do not come says nothing of the EHR.</summary>
    public Task<T> GetAsync<T>(Func<FhirClient, CancellationToken, Task<T>> get, CancellationToken cancellationToken)
        => _pipeline.RunAsync(_client, get, cancellationToken);

    public void Dispose() => _http.Dispose();
}
