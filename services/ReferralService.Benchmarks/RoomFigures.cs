using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using ReferralService.Benchmarks.Report;
using ReferralService.Benchmarks.Walk;
using ReferralService.Fhir.Bundles;
using ReferralService.Gathering;
using ReferralService.Gathering.Plans;
using ReferralService.Intake;
using ReferralService.Ledger;
using ReferralService.Packaging;

namespace ReferralService.Benchmarks;

/// <summary>
/// What the two rooms that look at clinical content cost of one referral, apart from ledger and bus: gathering over HTTP, and packaging, against only
/// fetching the same pages. One after the other in this process, the partners in one of their own.
/// </summary>
internal static class RoomFigures
{
    private static readonly DateTimeOffset Now = new(2026, 11, 1, 10, 0, 0, TimeSpan.Zero);

    public static async Task FindAsync(Choices choices, Findings findings)
    {
        const int resources = 300, referrals = 40;
        var (rounds, warmUp) = choices.Quick ? (5, TimeSpan.FromSeconds(10)) : (15, TimeSpan.FromSeconds(15));
        var folder = Directory.CreateTempSubdirectory("room-figures-");
        try
        {
            using var partners = WorkerProcess.Start("partners", $"{resources}");
            var address = new Uri(await partners.ReadLineAsync());
            using var arrivals = await Arrivals.ListenAsync(address);
            using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 4, UseProxy = false }) { BaseAddress = address };
            var options = new GatheringOptions { SpoolFolder = folder.FullName };
            using var connections = new EhrConnections(
                new EhrRegistry([new EhrOptions { Name = "main", BaseUrl = new Uri(address, "/fhir") }]), options, new GetPipelineOptions(), new PartnerContacts(), TimeProvider.System);
            var orders = new OrderReader(connections);
            var gatherer = new RecordGatherer(connections, new LearnedHabits(null), options, new SpoolFolder(options), PlanBook.Shipped(), TimeProvider.System, NullLogger<RecordGatherer>.Instance);
            var builder = new PackageBuilder();
            await (await GatherAsync()).DisposeAsync();
            await arrivals.ForgetAsync();
            var record = await GatherAsync();
            var asked = await arrivals.AskedAsync();
            long bytes = record.Resources.Sum(r => (long)r.Length);

            (string Name, Func<Task> Work)[] ways =
            [
                ("fetch the same pages, nothing else", FetchAsync),
                ("read the order, gather", async () => await (await GatherAsync()).DisposeAsync()),
                ("package (document)", () => PackageAsync(record)),
            ];
            var taken = ways.Select(_ => new List<(double Cpu, double Allocated)>()).ToArray();
            long until = TimeProvider.System.GetTimestamp();
            for (int round = 0; round < rounds;)
            {
                bool counts = TimeProvider.System.GetElapsedTime(until) > warmUp;
                for (int way = 0; way < ways.Length; way++)
                {
                    var (cpu, allocated) = (Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes(precise: true));
                    for (int i = 0; i < referrals; i++) await ways[way].Work();
                    if (counts) taken[way].Add(((Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds / referrals, (GC.GetTotalAllocatedBytes(precise: true) - allocated) / (double)referrals));
                }

                if (counts) round++;
            }

            var table = new Table(
                $"Rooms: {record.Resources.Count} resources of {bytes / 1e6:0.00} MB, {asked.Count} GETs beside the order; medians of {rounds} rounds of {referrals}, processor time of all threads", "", "CPU ms", "/ fetch", "allocated kB", "allocated / byte");
            for (int way = 0; way < ways.Length; way++)
            {
                var (cpu, allocated) = (Spread.Of(taken[way].Select(t => t.Cpu)), Spread.Of(taken[way].Select(t => t.Allocated)).Median);
                table.Add(
                    ways[way].Name, cpu.Text("0.00"), (cpu.Median / Spread.Of(taken[0].Select(t => t.Cpu)).Median).ToString("0.00", CultureInfo.InvariantCulture),
                    (allocated / 1e3).ToString("0", CultureInfo.InvariantCulture), (allocated / bytes).ToString("0.000", CultureInfo.InvariantCulture));
            }

            findings.Add(table);
            await record.DisposeAsync();

            async Task<GatheredRecord> GatherAsync()
            {
                var order = (OrderReading.Found)await orders.ReadAsync("main", "order-1", CancellationToken.None);
                return ((GatherOutcome.Gathered)await gatherer.GatherAsync(order.Order, Now, tries: 0, CancellationToken.None)).Record;
            }

            async Task PackageAsync(GatheredRecord of)
            {
                var order = new PackageOrder(new ReferralId(NameBasedUuid.Url), 1, PackageForm.Document, "uro", new Uri("https://uro.example.org/fhir"), Now);
                using var packaged = (PackagingOutcome.Packaged)await builder.BuildAsync(of, order, new CountingStream(), CancellationToken.None);
            }

            async Task FetchAsync()
            {
                var next = -1;
                await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
                {
                    var buffer = new byte[64 << 10];
                    for (int i = Interlocked.Increment(ref next); i < asked.Count; i = Interlocked.Increment(ref next))
                    {
                        using var answer = await http.GetAsync(asked[i], HttpCompletionOption.ResponseHeadersRead);
                        await using var body = await answer.Content.ReadAsStreamAsync();
                        while (await body.ReadAsync(buffer) > 0)
                        {
                        }
                    }
                }));
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
