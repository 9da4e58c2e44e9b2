using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using ReferralService.Fhir.Client;
using ReferralService.Gathering;

namespace ReferralService.RecipientDirectory;

/// <summary>The connection to one recipient: its pooled HTTP client, and the GETs that may be repeated.</summary>
internal sealed record RecipientConnection(RecipientOptions Recipient, HttpClient Http, RecipientReads Reads);

/// <summary>One connection pool per recipient, opened at first use and kept as long as the process.</summary>
internal sealed class RecipientConnections(RecipientRegistry recipients, GetPipelineOptions gets, PartnerContacts contacts, TimeProvider clock,
    ILogger<EgressGuard>? log = null, NameLookup? lookup = null) : IDisposable
{
    private const int MostConnections = 16;

    /// <summary>Of a /metadata or of what a probe shows; a package of ours that is longer is recognized without being read to its end.</summary>
    private const long MostBytesRead = 8 * 1024 * 1024;

    private const long SlowestBytesPerSecond = 16 * 1024;

    private readonly ConcurrentDictionary<string, Lazy<RecipientConnection>> _open = new(StringComparer.Ordinal);

    /// <summary>Null when no recipient of that name is configured (any more).</summary>
    public RecipientConnection? Find(string name)
        => recipients.Find(name) is { } recipient ? _open.GetOrAdd(name, _ => new Lazy<RecipientConnection>(() => Open(recipient))).Value : null;

    public void Dispose()
    {
        foreach (var connection in _open.Values.Where(c => c.IsValueCreated))
        {
            connection.Value.Http.Dispose();
        }
    }

    private RecipientConnection Open(RecipientOptions recipient)
    {
        var http = PartnerHttp.Open(recipient.BaseUrl, recipient.Auth, MostConnections,
            new EgressGuard(recipient.Name, recipient.BaseUrl, recipient.Networks, log ?? NullLogger<EgressGuard>.Instance, lookup),
            new PartnerWatch(recipient.Name, recipient.BaseUrl, PartnerKind.Recipient, contacts, clock), new RecipientHeaders(recipient.BaseUrl));
        // A second less than a question may take: one that says nothing at all was silent, and not given up by us.
        var client = new FhirClient(http, recipient.BaseUrl, new FhirClientOptions { IdleTimeout = CapabilityQuestion.Longest - TimeSpan.FromSeconds(1), MinBytesPerSecond = SlowestBytesPerSecond, MaxBodyBytes = MostBytesRead }, clock);
        return new RecipientConnection(recipient, http, new RecipientReads(recipient.Name, client, new GetPipeline(gets, clock), contacts, clock));
    }
}
