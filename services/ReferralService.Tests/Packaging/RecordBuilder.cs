using System.Security.Cryptography;
using System.Text;
using ReferralService.Fhir.Bundles;
using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;
using ReferralService.Gathering;
using ReferralService.Gathering.Plans;
using ReferralService.Ledger;
using ReferralService.Packaging;

namespace ReferralService.Tests.Packaging;

/// <summary>Makes records as gathering would, from bodies given as text; the order and its patient are there unless taken out.</summary>
internal sealed class RecordBuilder
{
    public const string Ehr = "https://ehr.example.org/fhir";

    public const string Order = """
        {"resourceType":"ServiceRequest","id":"order","status":"active","intent":"order","code":{"text":"Second opinion, urology"},"subject":{"reference":"Patient/p"},"authoredOn":"2026-05-04","reasonCode":[{"text":"Testicular mass"}]}
        """;

    public const string Patient = """{"resourceType":"Patient","id":"p","name":[{"family":"Beispiel","given":["Jonas"]}]}""";

    private readonly List<string> _bodies = [Order, Patient];
    private readonly List<GatheringGap> _gaps = [];
    private readonly Dictionary<string, InclusionReason[]> _reasons = [];
    private PlannedRecord? _planned;
    private readonly List<SearchRecord> _searches = [];
    private readonly List<PatientException> _exceptions = [];
    private bool _reversed;

    public RecordBuilder With(params string[] bodies)
    {
        _bodies.AddRange(bodies);
        return this;
    }

    /// <summary>A resource that no search found: this one's reference led to it.</summary>
    public RecordBuilder Led(string from, string rule, string body)
    {
        _reasons[body] = [new InclusionReason(rule, from)];
        return With(body);
    }

    /// <summary>A resource that an item of a plan wanted.</summary>
    public RecordBuilder Wanted(string item, string body)
    {
        _reasons[body] = [new InclusionReason(item, null)];
        return With(body);
    }

    public RecordBuilder Without(string body)
    {
        _bodies.Remove(body);
        return this;
    }

    public RecordBuilder Planned(PlannedRecord planned)
    {
        _planned = planned;
        return this;
    }

    public RecordBuilder Excepting(PatientException exception)
    {
        _exceptions.Add(exception);
        return this;
    }

    public RecordBuilder Gap(string reference, string reason, string rule = "search")
    {
        _gaps.Add(new GatheringGap(reference, reason, rule));
        return this;
    }

    public RecordBuilder Searched(string type, string rule, int found = 2)
    {
        _searches.Add(new SearchRecord(type, rule, "patient&date", 1, found, found, []));
        return this;
    }

    public RecordBuilder Reversed()
    {
        _reversed = true;
        return this;
    }

    public GatheredRecord Build()
    {
        var spool = new Spool();
        var resources = new List<GatheredResource>();
        foreach (string body in _reversed ? Enumerable.Reverse(_bodies) : _bodies)
        {
            byte[] utf8 = Encoding.UTF8.GetBytes(body);
            var raw = RawResource.Read(utf8);
            var references = new List<FoundReference>();
            ReferenceScanner.Scan(raw.Utf8.Span, references);
            resources.Add(new GatheredResource(
                raw.Key!.Value, raw.VersionId, raw.LastUpdated, spool.Append(raw.Utf8.Span), raw.Utf8.Length,
                BodyDigest.Of(SHA256.HashData(raw.Utf8.Span)), references, _reasons.GetValueOrDefault(body, [new InclusionReason("search." + raw.Type, null)])) { Standing = ResultStanding.Of(raw) });
        }

        byte[] order = Encoding.UTF8.GetBytes(_bodies.Find(b => b.Contains("\"id\":\"order\"", StringComparison.Ordinal)) ?? Order);
        var snapshot = new OrderSnapshot("main", ServiceRequestView.Read(RawResource.Read(order)), order);
        return new GatheredRecord(snapshot, Ehr, new ResourceKey("Patient", "p"), resources, _gaps, _searches, spool) { Planned = _planned, Exceptions = _exceptions };
    }

    public static PackageOrder For(PackageForm form, int version = 1) => new(
        new ReferralId(NameBasedUuid.Create(NameBasedUuid.Url, "a referral")), version, form, "urology-east", new Uri("https://uro.example.org/fhir"),
        new DateTimeOffset(2026, 5, 4, 12, 0, 0, 123, TimeSpan.FromHours(2)));

    /// <summary>The package as it is sent.</summary>
    public async Task<(byte[] Bytes, PackagingOutcome Outcome)> BuildAsync(PackageForm form, int version = 1, PackageBuilder? builder = null)
    {
        await using var record = Build();
        using var output = new MemoryStream();
        var outcome = await (builder ?? new PackageBuilder()).BuildAsync(record, For(form, version), output, CancellationToken.None);
        return (output.ToArray(), outcome);
    }
}
