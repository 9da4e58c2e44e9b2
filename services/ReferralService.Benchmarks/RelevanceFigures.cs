using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using ReferralService.Benchmarks.Report;
using ReferralService.Fhir.Bundles;
using ReferralService.Gathering;
using ReferralService.Gathering.Plans;
using ReferralService.Intake;
using ReferralService.Ledger;
using ReferralService.Packaging;
using ReferralService.Sandbox.Ehr;
using ReferralService.Sandbox.SyntheticPatients;

namespace ReferralService.Benchmarks;

/// <summary>What it costs to choose the few resources that a referral needs from ten years of them, against merely fetching and tokenizing all there is. Over HTTP, the EHR in this process.</summary>
internal static class RelevanceFigures
{
    private const int Seed = 11;

    private static readonly PlanBook Plans = PlanBook.Shipped();

    private static readonly DateTimeOffset Now = new(2026, 11, 22, 10, 0, 0, TimeSpan.Zero);

    public static async Task FindAsync(Choices choices, Findings findings)
    {
        int rounds = choices.Quick ? 5 : 15;
        var history = new LongHistory(Seed, Now).Record().ToList();
        await using var ehr = await SandboxEhr.StartAsync();
        ehr.Load(history);
        string[] types = [.. history.Select(h => h.Type).Where(t => t is not ("Patient" or "Practitioner")).Distinct()];
        var folder = Directory.CreateTempSubdirectory("relevance-figures");
        try
        {
            var (floor, asked, whole, clocks) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
            string[] everything = [.. types.Select(type => $"{type}?patient=long&_count=200")];
            long peak = 0, rss = 0, pages = 0, askedPages = 0;
            double clock = 0;
            Gathered? last = null;
            for (int round = -2; round < rounds; round++)
            {
                (double fetching, pages) = await TimedAsync(() => FetchAsync(ehr.Base, everything));

                // Held while it was gathered, beyond what stood there before: the EHR's own buffers for its answers count too.
                GC.Collect();
                GC.WaitForPendingFinalizers();
                using var process = Process.GetCurrentProcess();
                var (heapBefore, rssBefore) = (GC.GetTotalMemory(forceFullCollection: true), process.WorkingSet64);
                using var watch = new HeapWatch();
                long began = Stopwatch.GetTimestamp();
                var (gathering, gathered) = await TimedAsync(() => GatherAsync(ehr.Base, folder.FullName));
                clock = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
                process.Refresh();
                (peak, rss) = (Math.Max(peak, watch.Highest() - heapBefore), Math.Max(rss, process.WorkingSet64 - rssBefore));
                last = gathered;
                (double same, askedPages) = await TimedAsync(() => FetchAsync(ehr.Base, gathered.Queries));
                if (round < 0) continue;
                floor.Add(fetching);
                asked.Add(same);
                whole.Add(gathering);
                clocks.Add(clock);
            }

            double read = Median(floor), searched = Median(asked), all = Median(whole);
            var table = new Table(
                $"Relevance: {history.Count} resources, {history.Sum(h => (long)h.Utf8.Length) / 1e6:0.00} MB, ten years, seed {Seed}; medians of {rounds}, processor time, the EHR's included", "", "ms", "ratio");
            table.Add($"fetch all pages of {types.Length} types and tokenize them ({pages / 1e6:0.00} MB)", Text(read), "1.00");
            table.Add($"fetch and tokenize what a gathering asks for ({askedPages / 1e6:0.00} MB)", Text(searched), (searched / read).ToString("0.00", CultureInfo.InvariantCulture));
            table.Add("gather (search, choose, follow references) and write the document", Text(all), (all / read).ToString("0.00", CultureInfo.InvariantCulture));
            table.Note($"By the clock {Median(clocks):0} ms. {last!.Queries.Length} searches read {last.Found} resources; {last.Included} included, {last.Omitted} rows of what was left out; package {last.Bytes / 1e6:0.00} MB. "
                + $"Memory beyond what stood before: managed heap at most {peak / 1e6:0.0} MB, process {rss / 1e6:0.0} MB.");
            findings.Add(table);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Text(double milliseconds) => milliseconds.ToString("0.0", CultureInfo.InvariantCulture);

    private static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);

    private sealed record Gathered(string[] Queries, int Found, int Included, int Omitted, long Bytes);

    /// <summary>Of all processors together, the EHR's part included: the machine may be busy with other things.</summary>
    private static async Task<(double Milliseconds, T Value)> TimedAsync<T>(Func<Task<T>> work)
    {
        var began = Environment.CpuUsage.TotalTime;
        var value = await work();
        return ((Environment.CpuUsage.TotalTime - began).TotalMilliseconds, value);
    }

    /// <summary>The floor: every page of every query, four queries at once as a gathering does, each page held and tokenized once. Returns the bytes.</summary>
    private static async Task<long> FetchAsync(string fhirBase, string[] queries)
    {
        using var http = new HttpClient();
        long bytes = 0;
        await Parallel.ForEachAsync(queries, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (query, cancellationToken) =>
        {
            for (string? next = $"{fhirBase}/{query}"; next is not null;)
            {
                var page = await http.GetByteArrayAsync(next, cancellationToken);
                Interlocked.Add(ref bytes, page.Length);
                next = NextLink(page);
            }
        });
        return bytes;
    }

    private static string? NextLink(byte[] page)
    {
        var reader = new Utf8JsonReader(page);
        string? next = null;
        bool isNext = false;
        while (reader.Read())
        {
            if (reader.CurrentDepth != 3 || reader.TokenType != JsonTokenType.PropertyName) continue;
            if (reader.ValueTextEquals("relation"u8))
            {
                reader.Read();
                isNext = reader.ValueTextEquals("next"u8);
            }
            else if (isNext && reader.ValueTextEquals("url"u8))
            {
                reader.Read();
                next = reader.GetString();
                isNext = false;
            }
        }

        return next;
    }

    private static async Task<Gathered> GatherAsync(string fhirBase, string folder)
    {
        var options = new GatheringOptions { SpoolFolder = folder };
        using var connections = new EhrConnections(new EhrRegistry([new EhrOptions { Name = "main", BaseUrl = new Uri(fhirBase) }]), options, new GetPipelineOptions(), new PartnerContacts(), TimeProvider.System);
        var order = (OrderReading.Found)await new OrderReader(connections).ReadAsync("main", LongHistory.Order, CancellationToken.None);
        var gatherer = new RecordGatherer(connections, new LearnedHabits(null), options, new SpoolFolder(options), Plans, TimeProvider.System, NullLogger<RecordGatherer>.Instance);
        await using var record = ((GatherOutcome.Gathered)await gatherer.GatherAsync(order.Order, Now, tries: 0, CancellationToken.None)).Record;
        var package = new CountingStream();
        var outcome = await new PackageBuilder().BuildAsync(
            record, new PackageOrder(new ReferralId(NameBasedUuid.Url), 1, PackageForm.Document, "uro", new Uri("https://uro.example.org/fhir"), Now), package, CancellationToken.None);
        var manifest = ((PackagingOutcome.Packaged)outcome).Manifest;
        return new Gathered([.. record.Searches.Select(s => $"{s.Type}?{s.Query.Replace("{patient}", "long", StringComparison.Ordinal)}")], record.Searches.Sum(s => s.Found), manifest.Included.Count, manifest.Omitted.Count, package.Length);
    }
}
