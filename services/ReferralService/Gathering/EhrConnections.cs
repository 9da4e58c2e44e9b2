using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using ReferralService.Fhir.Client;
using ReferralService.Gathering.Files;
using ReferralService.Intake;

namespace ReferralService.Gathering;

/// <summary>One connection per configured EHR, made when first needed and kept.</summary>
internal sealed class EhrConnections(
    EhrRegistry ehrs, GatheringOptions gathering, GetPipelineOptions pipeline, PartnerContacts contacts, TimeProvider clock,
    ILogger<EgressGuard>? log = null, NameLookup? lookup = null) : IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<EhrConnection>> _connections = new(StringComparer.Ordinal);

    /// <summary>Null when no EHR of that name is configured (any more).</summary>
    public EhrConnection? Find(string ehr) => ehrs.Find(ehr) is { } options
        ? _connections.GetOrAdd(ehr, _ => new Lazy<EhrConnection>(() => Open(options))).Value
        : null;

    /// <summary>The bare client of a configured EHR.</summary>
    /// <exception cref="ArgumentException">No EHR of that name is configured.</exception>
    public FhirClient For(string ehr) => Find(ehr)?.Client ?? throw new ArgumentException("No EHR of that name is configured.", nameof(ehr));

    private EhrConnection Open(EhrOptions ehr)
    {
        var client = new FhirClientOptions
        {
            MaxPages = gathering.MaxPages,
            MaxPageBytes = gathering.MaxRecordBytes,
            BodyIdleTimeout = TimeSpan.FromSeconds(15),
            MinBytesPerSecond = gathering.MinBytesPerSecond,
            StrictSearch = true,
        };
        var files = new FileOrigins(
            ehr.BaseUrl, ehr.AttachmentOrigins,
            origin => new FileOrigin(origin, client, pipeline, clock, Guard($"files of {ehr.Name}", origin, IsOwn(ehr, origin) ? ehr.Networks : []), PartnerWatch.OfFiles(ehr.Name, origin, clock)));
        return new EhrConnection(ehr, client, pipeline, contacts, clock, Guard(ehr.Name, ehr.BaseUrl, ehr.Networks), files);
    }

    private EgressGuard Guard(string partner, Uri address, IReadOnlyList<IPNetwork> networks) => new(partner, address, networks, log ?? NullLogger<EgressGuard>.Instance, lookup);

    private static bool IsOwn(EhrOptions ehr, Uri origin) => Uri.Compare(origin, ehr.BaseUrl, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0;

    public void Dispose()
    {
        foreach (var connection in _connections.Values.Where(c => c.IsValueCreated)) connection.Value.Dispose();
    }
}
