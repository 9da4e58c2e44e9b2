using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using ReferralService.Fhir.Client;
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

    private EhrConnection Open(EhrOptions ehr) => new(
        ehr,
        new FhirClientOptions
        {
            MaxPages = gathering.MaxPages,
            MaxPageBytes = gathering.MaxRecordBytes,
            BodyIdleTimeout = TimeSpan.FromSeconds(15),
            MinBytesPerSecond = gathering.MinBytesPerSecond,
            StrictSearch = true,
        },
        pipeline, contacts, clock,
        new EgressGuard(ehr.Name, ehr.BaseUrl, ehr.Networks, log ?? NullLogger<EgressGuard>.Instance, lookup));

    public void Dispose()
    {
        foreach (var connection in _connections.Values.Where(c => c.IsValueCreated)) connection.Value.Dispose();
    }
}
