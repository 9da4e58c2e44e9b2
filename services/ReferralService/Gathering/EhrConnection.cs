using ReferralService.Fhir.Client;
using ReferralService.Fhir.Errors;
using ReferralService.Fhir.Resources;
using ReferralService.Gathering.Files;
using ReferralService.Intake;

namespace ReferralService.Gathering;

/// <summary>One EHR: its client, the pipeline every GET to it goes through, and what it says it can do.</summary>
internal sealed class EhrConnection : IDisposable
{
    private const int MostConnections = 64;

    private static readonly TimeSpan LongestWrite = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan CapabilitiesKept = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan CapabilitiesMissedFor = TimeSpan.FromMinutes(1);

    private readonly TimeProvider _clock;
    private readonly PartnerContacts _contacts;
    private readonly ServerClock _its;
    private readonly HttpClient _http;
    private readonly GetPipeline _pipeline;
    private readonly SemaphoreSlim _asking = new(1, 1);
    private (CapabilityView? View, DateTimeOffset Until)? _capabilities;

    public EhrConnection(EhrOptions ehr, FhirClientOptions clientOptions, GetPipelineOptions pipelineOptions, PartnerContacts contacts, TimeProvider clock, EgressGuard guard, FileOrigins files)
    {
        Files = files;
        Options = ehr;
        _clock = clock;
        _contacts = contacts;
        _its = new ServerClock(clock);
        _http = PartnerHttp.Open(ehr.BaseUrl, ehr.Auth, MostConnections, guard, new PartnerWatch(ehr.Name, ehr.BaseUrl, PartnerKind.Ehr, contacts, clock) { Its = _its });
        _pipeline = new GetPipeline(pipelineOptions, clock, state => contacts.Breaker(PartnerKind.Ehr, ehr.Name, state));
        ClientOptions = clientOptions;
        Client = new FhirClient(_http, ehr.BaseUrl, clientOptions, clock);
    }

    public EhrOptions Options { get; }

    public FhirClientOptions ClientOptions { get; }

    /// <summary>Where files of its record that are no resources may come from.</summary>
    public FileOrigins Files { get; }

    /// <summary>The bare client: one exchange a call, no retries.</summary>
    public FhirClient Client { get; }

    /// <summary>An instant of ours on the EHR's clock.</summary>
    public DateTimeOffset OnItsClock(DateTimeOffset ours) => ours + _its.Skew;

    public bool KnowsItsClock => _its.Answered;

    /// <summary>Asks with timeouts, retries and the breaker of this EHR.</summary>
    /// <param name="get">One whole exchange; may run several times.</param>
    public async Task<T> GetAsync<T>(Func<FhirClient, CancellationToken, Task<T>> get, CancellationToken cancellationToken)
    {
        try
        {
            var got = await _pipeline.RunAsync(Client, get, cancellationToken);
            _contacts.Succeeded(PartnerKind.Ehr, Options.Name, _clock.GetUtcNow());
            Measures.Gathered(Options.Name, "ok");
            return got;
        }
        catch (Exception e) when (EhrFailure.Of(e) is { } failure)
        {
            Measures.Gathered(Options.Name, Measures.Reason(failure.Code));
            if (failure.Kind is FailureKind.Transient or FailureKind.Misconfigured) _contacts.Failed(PartnerKind.Ehr, Options.Name, _clock.GetUtcNow());
            else _contacts.Succeeded(PartnerKind.Ehr, Options.Name, _clock.GetUtcNow());
            throw;
        }
    }

    /// <summary>One write, never repeated here: whoever asks for it comes again later.</summary>
    /// <param name="write">One whole exchange.</param>
    public async Task<T> WriteAsync<T>(Func<FhirClient, CancellationToken, Task<T>> write, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(LongestWrite, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        try
        {
            var written = await write(Client, either.Token);
            _contacts.Succeeded(PartnerKind.Ehr, Options.Name, _clock.GetUtcNow());
            return written;
        }
        catch (OperationCanceledException e) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new FhirRequestException(RequestCode.Timeout, RequestProgress.MaybeSent, null, [], null, e);
        }
    }

    /// <summary>What the EHR says of itself, asked every ten minutes at most; null when it says nothing readable: then a plain R4 server is assumed.</summary>
    public async Task<CapabilityView?> CapabilitiesAsync(CancellationToken cancellationToken)
    {
        await _asking.WaitAsync(cancellationToken);
        try
        {
            if (_capabilities is { } kept && kept.Until > _clock.GetUtcNow()) return kept.View;
            CapabilityView? view = null;
            try
            {
                view = await GetAsync(static (client, token) => client.CapabilitiesAsync(token), cancellationToken);
            }
            catch (Exception e) when (e is FhirRequestException or FhirFormatException)
            {
                // Many servers have no readable statement; the searches themselves will tell.
            }

            _capabilities = (view, _clock.GetUtcNow() + (view is null ? CapabilitiesMissedFor : CapabilitiesKept));
            return view;
        }
        finally
        {
            _asking.Release();
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        Files.Dispose();
        _asking.Dispose();
    }
}
