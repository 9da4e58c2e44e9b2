using System.Security.Cryptography;
using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;
using ReferralService.Gathering;
using ReferralService.Sandbox.SyntheticPatients;

namespace ReferralService.Benchmarks;

/// <summary>A generated record as gathering hands it over, and the same bodies as they come over the wire.</summary>
internal sealed class SampleRecord
{
    public const string Ehr = "https://ehr.example.org/fhir";

    public SampleRecord(int resources)
    {
        var day = new DateTimeOffset(2026, 5, 4, 0, 0, 0, TimeSpan.Zero);
        Bodies = [.. new RecordGenerator(7, day).Record(1, new RecordSize(resources)).Select(r => r.Utf8.ToArray())];
        Record = Gather(Bodies);
    }

    public IReadOnlyList<byte[]> Bodies { get; }

    public GatheredRecord Record { get; }

    public long Bytes => Bodies.Sum(b => (long)b.Length);

    /// <summary>Read, scan, spool: what is done once for each body when it arrives.</summary>
    public static GatheredRecord Gather(IReadOnlyList<byte[]> bodies)
    {
        var spool = new Spool(memoryLimit: int.MaxValue);
        var resources = new List<GatheredResource>();
        OrderSnapshot? order = null;
        foreach (byte[] body in bodies)
        {
            var raw = RawResource.Read(body);
            var references = new List<FoundReference>();
            ReferenceScanner.Scan(raw.Utf8.Span, references);
            resources.Add(new GatheredResource(
                raw.Key!.Value, raw.VersionId, raw.LastUpdated, spool.Append(raw.Utf8.Span), raw.Utf8.Length,
                BodyDigest.Of(SHA256.HashData(raw.Utf8.Span)), references, [new InclusionReason("sample", null)]));
            if (raw.Type == "ServiceRequest") order = new OrderSnapshot("main", ServiceRequestView.Read(raw), raw.Utf8);
        }

        resources.Sort((a, b) => RecordIndex.ByTypeAndId(a.Key, b.Key));
        return new GatheredRecord(order!, Ehr, new ResourceKey("Patient", "g1"), resources, [], [], spool);
    }
}
