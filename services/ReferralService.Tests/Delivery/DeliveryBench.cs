using System.Security.Cryptography;
using System.Text;
using ReferralService.Delivery;
using ReferralService.Gathering;
using ReferralService.Intake;
using ReferralService.Ledger;
using ReferralService.RecipientDirectory;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Delivery;

/// <summary>The delivery room over real HTTP: one recipient named <c>uro</c>, a package, and the ledger that remembers what is learned.</summary>
internal sealed class DeliveryBench : IAsyncDisposable
{
    public const string Recipient = "uro";

    /// <summary>What has not ended by then never does.</summary>
    private static readonly TimeSpan Ceiling = TimeSpan.FromMinutes(1);
    public static readonly Guid PackageId = new("0f8fad5b-d9cb-569f-a165-70867728950e");

    private readonly TemporaryLedger _ledger;
    private readonly RecipientConnections _connections;

    private DeliveryBench(TemporaryLedger ledger, string baseUrl, TimeProvider clock, RecipientForm form, DeliveryOptions options, PartnerAuth auth, bool compress)
    {
        _ledger = ledger;
        Base = new Uri(baseUrl);
        var recipients = new RecipientRegistry([new RecipientOptions { Name = Recipient, BaseUrl = Base, Form = form, Auth = auth, Compress = compress }]);
        Contacts = new PartnerContacts();
        _connections = new RecipientConnections(recipients, new GetPipelineOptions(), Contacts, clock);
        Targets = new TargetFinder(_connections, ledger.Memory, clock);
        Delivery = new PackageDelivery(
            _connections, new DeliveryPipelines(options, Contacts, clock), options, ledger.Memory, Contacts, clock, Log);
    }

    public Uri Base { get; }
    public PartnerContacts Contacts { get; }
    public TargetFinder Targets { get; }
    public PackageDelivery Delivery { get; }
    public LogLines<PackageDelivery> Log { get; } = new();
    public PartnerMemory Memory => _ledger.Memory;
    public LedgerDatabase Ledger => _ledger.Database;

    public static async Task<DeliveryBench> OpenAsync(
        string baseUrl, TimeProvider? clock = null, RecipientForm form = RecipientForm.Auto, DeliveryOptions? options = null, PartnerAuth? auth = null, bool compress = false)
        => new(
            await TemporaryLedger.OpenAsync(), baseUrl, clock ?? new HastyClock(), form,
            options ?? new DeliveryOptions { AttemptTimeout = TimeSpan.FromMinutes(10) }, auth ?? new PartnerAuth(), compress);

    public DeliveryTarget Target(DeliveryRoute route)
        => new(Recipient, Base, route == DeliveryRoute.Transaction ? PackageForm.Transaction : PackageForm.Document, route);

    public Task<DeliveryOutcome> SendAsync(DeliveryRoute route, SendablePackage? package = null)
        => Delivery.SendAsync(Target(route), package ?? Package(route), CancellationToken.None).WaitAsync(Ceiling);

    public Task<DeliveryOutcome> ProbeAsync(DeliveryRoute route) => Delivery.ProbeAsync(Target(route), Package(route), CancellationToken.None).WaitAsync(Ceiling);

    public static SendablePackage Package(DeliveryRoute route) => Package(Encoding.UTF8.GetBytes(route == DeliveryRoute.Transaction ? TransactionJson : DocumentJson));

    public static SendablePackage Package(byte[] bytes)
        => new(PackageId, Digest(bytes), bytes.Length, async (to, token) => await to.WriteAsync(bytes, token));

    public static string Digest(ReadOnlySpan<byte> bytes) => $"sha-256:{Convert.ToHexStringLower(SHA256.HashData(bytes))}";

    /// <summary>The target, looked for until the recipient has been asked.</summary>
    public async Task<TargetResolution> FindAsync(string recipient = Recipient)
    {
        using var ceiling = new CancellationTokenSource(Ceiling);
        while (true)
        {
            if (await Targets.FindAsync(recipient, default, ceiling.Token) is var found and not TargetResolution.Awaited)
            {
                return found;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, ceiling.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Targets.DisposeAsync();
        _connections.Dispose();
        await _ledger.DisposeAsync();
    }

    public static readonly string DocumentJson = $$$"""
        {"resourceType":"Bundle","id":"{{{PackageId}}}","identifier":{"system":"urn:ietf:rfc:3986","value":"urn:uuid:{{{PackageId}}}"},"type":"collection",
        "entry":[{"fullUrl":"https://ehr.example/fhir/Observation/o1","resource":{"resourceType":"Observation","id":"o1","status":"final","code":{"text":"AFP"},"valueQuantity":{"value":1.00} }}]}
        """;

    public static readonly string TransactionJson = $$$"""
        {"resourceType":"Bundle","id":"{{{PackageId}}}","identifier":{"system":"urn:ietf:rfc:3986","value":"urn:uuid:{{{PackageId}}}"},"type":"transaction","entry":[
        {"fullUrl":"urn:uuid:5d0b0e5e-7a3c-5c8e-9a51-000000000001","resource":{"resourceType":"ServiceRequest","id":"s1","status":"active","intent":"order","subject":{"display":"x"}},"request":{"method":"POST","url":"ServiceRequest"}},
        {"fullUrl":"urn:uuid:5d0b0e5e-7a3c-5c8e-9a51-000000000002","resource":{"resourceType":"Task","identifier":[{"system":"urn:ietf:rfc:3986","value":"urn:uuid:{{{PackageId}}}"}],"status":"requested","intent":"order","focus":{"reference":"urn:uuid:5d0b0e5e-7a3c-5c8e-9a51-000000000001"}},"request":{"method":"POST","url":"Task"}}]}
        """;
}
