using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using ReferralService.Fhir.Bundles;
using ReferralService.Fhir.References;
using ReferralService.Fhir.Validation;
using ReferralService.Gathering;
using ReferralService.Ledger;
using ReferralService.Packaging;
using ReferralService.Packaging.Authored;
using ReferralService.Packaging.Sections;

namespace ReferralService.Benchmarks.Micro;

/// <summary>Each piece of work on one record of 300 results that is in memory, without HTTP, ledger or bus.</summary>
public class MicroCases
{
    /// <summary>As a search page of ordinary size has.</summary>
    private const int PerPage = 50;

    private static readonly StreamPipeWriterOptions Pipe = new(minimumBufferSize: 64 * 1024, leaveOpen: true);

    private readonly SampleRecord _sample = new(300);
    private readonly List<FoundReference> _found = [];
    private byte[][] _pages = [];
    private byte[] _copied = [];
    private PackageManifest _manifest = null!;

    internal long Bytes => _sample.Bytes;

    [GlobalSetup]
    public void Prepare()
    {
        _pages = [.. _sample.Bodies.Chunk(PerPage).Select(Page)];
        _copied = new byte[_pages.Max(page => page.Length)];
        _manifest = ((PackagingOutcome.Packaged)PackageAsync(PackageForm.Document).GetAwaiter().GetResult()).Manifest;
    }

    [Benchmark(Description = "memcpy of the pages: the limit")]
    public int Copy()
    {
        int bytes = 0;
        foreach (byte[] page in _pages)
        {
            page.CopyTo(_copied, 0);
            bytes += _copied[page.Length / 2];
        }

        return bytes;
    }

    [Benchmark(Description = "tokenize the bodies (Utf8JsonReader)")]
    public int Tokenize()
    {
        int tokens = 0;
        foreach (byte[] body in _sample.Bodies)
        {
            var reader = new Utf8JsonReader(body);
            while (reader.Read()) tokens++;
        }

        return tokens;
    }

    [Benchmark(Description = "read the pages, hand over each entry")]
    public async Task<long> ReadPages()
    {
        long bytes = 0;
        foreach (byte[] page in _pages)
        {
            using var stream = new MemoryStream(page);
            await SearchPageReader.ReadAsync(stream, long.MaxValue, (entry, _) =>
            {
                bytes += entry.Resource.Utf8.Length;
                return ValueTask.CompletedTask;
            }, CancellationToken.None);
        }

        return bytes;
    }

    [Benchmark(Description = "find the references")]
    public int FindReferences()
    {
        _found.Clear();
        foreach (byte[] body in _sample.Bodies) ReferenceScanner.Scan(body, _found);
        return _found.Count;
    }

    [Benchmark(Description = "structural lint")]
    public int Lint()
    {
        int findings = 0;
        foreach (byte[] body in _sample.Bodies) findings += ResourceLint.Check(body).Findings.Count;
        return findings;
    }

    [Benchmark(Description = "SHA-256 of each body and of the whole")]
    public int Hash()
    {
        Span<byte> digest = stackalloc byte[32];
        using var whole = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (byte[] body in _sample.Bodies)
        {
            SHA256.HashData(body, digest);
            whole.AppendData(body);
        }

        return whole.GetHashAndReset(digest);
    }

    [Benchmark(Description = "write the manifest")]
    public async Task<long> Manifest()
    {
        var output = new CountingStream();
        await PackageManifestJson.WriteAsync(output, _manifest, CancellationToken.None);
        return output.Length;
    }

    [Benchmark(Description = "packaging step, transaction: order, fullUrls, references rewritten, Bundle written")]
    public Task StepOfTransaction() => StepAsync(PackageForm.Transaction);

    [Benchmark(Description = "packaging step, document or collection: order, fullUrls, Bundle written")]
    public Task StepOfCollection() => StepAsync(PackageForm.Collection);

    [Benchmark(Description = "lay out sections and write the narrative (Composition)")]
    public int Narrative()
    {
        using var contents = Contents(PackageForm.Document);
        using var tokens = new BodyTokens(new CarriedBodies(_sample.Record));
        using var plan = new SectionPlan(tokens, contents, [], PackageForm.Document);
        for (int i = 0; i < contents.Count; i++) plan.Take(contents[i]);
        using var written = new PooledBytes(64 * 1024);
        new CompositionWriter(Order(PackageForm.Document), contents, plan.Finish(CancellationToken.None), []).Write(written);
        return written.Length;
    }

    [Benchmark(Description = "package: document, consent, lint, narrative and all")]
    public Task Document() => PackagedAsync(PackageForm.Document);

    [Benchmark(Description = "package: collection, consent, lint and all")]
    public Task Collection() => PackagedAsync(PackageForm.Collection);

    [Benchmark(Description = "package: transaction, consent, lint, narrative and all")]
    public Task Transaction() => PackagedAsync(PackageForm.Transaction);

    [Benchmark(Description = "JsonDocument: transaction without Composition or Task")]
    public byte[] DocumentTree() => DocumentRewrite.Transaction(_sample.Bodies);

    [Benchmark(Description = "JsonNode: transaction without Composition or Task")]
    public byte[] NodeTree() => NodeRewrite.Transaction(_sample.Bodies);

    private Task<PackagingOutcome> PackageAsync(PackageForm form) => new PackageBuilder().BuildAsync(_sample.Record, Order(form), new CountingStream(), CancellationToken.None);

    private async Task PackagedAsync(PackageForm form)
    {
        using var packaged = (PackagingOutcome.Packaged)await PackageAsync(form);
    }

    /// <summary>What the trees of objects do, too: the Bundle with everything that is carried, without what is said about it.</summary>
    private async Task StepAsync(PackageForm form)
    {
        using var contents = Contents(form);
        var pipe = PipeWriter.Create(new CountingStream(), Pipe);
        using var room = new PooledBytes(SpooledPieces.Most);
        using var writer = new PackageWriter(pipe, Order(form), contents, new CarriedBodies(_sample.Record, room.Room));
        await writer.WriteCarriedAsync(CancellationToken.None);
        await pipe.CompleteAsync();
    }

    private PackageContents Contents(PackageForm form)
        => RecordCheck.WhyNot(_sample.Record, out var order, out var patient) is null
            ? new PackageContents(_sample.Record, order!, patient!, Order(form))
            : throw new InvalidOperationException("The sample cannot be packaged.");

    private static PackageOrder Order(PackageForm form) => new(
        new ReferralId(NameBasedUuid.Url), 1, form, "consultant", new Uri("https://consultant.example.org/fhir"), new DateTimeOffset(2026, 5, 4, 0, 0, 0, TimeSpan.Zero));

    private static byte[] Page(byte[][] bodies)
    {
        using var page = new MemoryStream();
        page.Write("""{"resourceType":"Bundle","type":"searchset","entry":["""u8);
        for (int i = 0; i < bodies.Length; i++)
        {
            page.Write(i == 0 ? """{"fullUrl":"https://ehr.example.org/fhir/x","resource":"""u8 : """,{"fullUrl":"https://ehr.example.org/fhir/x","resource":"""u8);
            page.Write(bodies[i]);
            page.Write(""","search":{"mode":"match"}}"""u8);
        }

        page.Write("]}"u8);
        return page.ToArray();
    }
}
