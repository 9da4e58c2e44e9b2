using System.Text.Json;
using ReferralService.Fhir.Bundles;
using ReferralService.Ledger;
using ReferralService.Packaging;

namespace ReferralService.Benchmarks;

/// <summary>What a package costs, against reading the same bytes once (the floor of any way that looks at them) and against trees of objects.</summary>
internal static class PackagingFigures
{
    public static async Task PrintAsync(int resources, int rounds)
    {
        var sample = new SampleRecord(resources);
        var measured = await Measured.RunAsync(rounds,
        [
            ("tokenize the bodies (Utf8JsonReader)", () => Done(() => Tokenize(sample.Bodies))),
            ("collection", () => PackageAsync(sample, PackageForm.Collection)),
            ("document", () => PackageAsync(sample, PackageForm.Document)),
            ("transaction", () => PackageAsync(sample, PackageForm.Transaction)),
            ("read, scan, digest, then transaction", () => GatherAndPackageAsync(sample)),
            ("JsonNode transaction, without Composition or Task", () => Done(() => NodeRewrite.Transaction(sample.Bodies))),
        ]);

        var (floor, tree) = (measured[0], measured[^1]);
        Console.WriteLine($"packaging {sample.Bodies.Count} resources, {sample.Bytes / 1e6:0.00} MB, medians of {rounds}, processor time");
        Console.WriteLine($"  {"",-50} {"/ tokenize",10} {"JsonNode /",10} {"alloc/byte",10} {"ms",9} {"MB/s",7}");
        foreach (var way in measured)
        {
            Console.WriteLine(
                $"  {way.Name,-50} {way.Milliseconds / floor.Milliseconds,10:0.00} {tree.Milliseconds / way.Milliseconds,10:0.0} "
                + $"{(double)way.Allocated / sample.Bytes,10:0.00} {way.Milliseconds,9:0.000} {sample.Bytes / 1e3 / way.Milliseconds,7:0}");
        }
    }

    private static void Tokenize(IReadOnlyList<byte[]> bodies)
    {
        foreach (byte[] body in bodies)
        {
            var reader = new Utf8JsonReader(body);
            while (reader.Read())
            {
            }
        }
    }

    private static Task Done(Action work)
    {
        work();
        return Task.CompletedTask;
    }

    private static async Task GatherAndPackageAsync(SampleRecord sample)
    {
        await using var record = SampleRecord.Gather(sample.Bodies);
        await new PackageBuilder().BuildAsync(record, Order(PackageForm.Transaction), Stream.Null, CancellationToken.None);
    }

    private static Task<PackagingOutcome> PackageAsync(SampleRecord sample, PackageForm form)
        => new PackageBuilder().BuildAsync(sample.Record, Order(form), Stream.Null, CancellationToken.None);

    private static PackageOrder Order(PackageForm form) => new(
        new ReferralId(NameBasedUuid.Url), 1, form, "consultant", new Uri("https://consultant.example.org/fhir"), new DateTimeOffset(2026, 5, 4, 0, 0, 0, TimeSpan.Zero));
}
