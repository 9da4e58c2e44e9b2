using System.Diagnostics;
using ReferralService.AcceptanceTests.Support;

namespace ReferralService.Benchmarks.Walk;

/// <summary>Referrals per second from submission to delivery, against fetching and sending the same bytes with nothing between (B0) and with what must be done beside the splice (B1).</summary>
internal static class WalkFigures
{
    public static async Task PrintAsync(int resources, int rounds, int referrals, bool rabbit, IReadOnlyList<int> inFlight, TimeSpan warmUp)
    {
        var folder = Directory.CreateTempSubdirectory("walk-figures-");
        try
        {
            using var partners = WorkerProcess.Start("partners", $"{resources}");
            var address = new Uri(await partners.ReadLineAsync());
            await using var broker = rabbit ? await RabbitMqBroker.StartNewAsync() : null;
            var keys = Path.Combine(folder.FullName, "vault.keys");
            await File.WriteAllTextAsync(keys, $"k1 {Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32))}\n");
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(keys, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            var settings = new Dictionary<string, string>
            {
                ["Ledger:ConnectionString"] = $"Data Source={Path.Combine(folder.FullName, "referrals.db")}",
                ["Gathering:SpoolFolder"] = Path.Combine(folder.FullName, "spool"),
                ["Vault:KeyFile"] = keys,
                ["Ehrs:main:BaseUrl"] = new Uri(address, "/fhir").AbsoluteUri,
                ["Ehrs:main:PollInterval"] = "00:00:00",
                ["Recipients:urology-east:BaseUrl"] = new Uri(address, "/consultant").AbsoluteUri,
                ["Recipients:urology-east:Matches:0"] = "Organization/uro-east",
                ["Flow:PerEhr"] = "32",
                ["Flow:PerRecipient"] = "32",
                ["Bus:Transport"] = broker is null ? "InMemory" : "RabbitMq",
            };
            if (broker is not null) settings["Bus:RabbitMq"] = broker.Address.AbsoluteUri;
            await using var service = await ServiceUnderLoad.StartAsync(folder.FullName, settings);
            using var arrivals = await Arrivals.ListenAsync(address);
            var load = new Load(service, arrivals);

            var first = await load.OneAsync();
            await arrivals.ForgetAsync();
            await load.OneAsync();
            var asked = await arrivals.AskedAsync();
            var package = Path.Combine(folder.FullName, "package.json");
            await File.WriteAllBytesAsync(package, await service.PackageAsync(first));
            var list = Path.Combine(folder.FullName, "asked");
            await File.WriteAllLinesAsync(list, asked);
            using var client = WorkerProcess.Start("client", address.AbsoluteUri, list, package, folder.FullName);

            var until = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(until) < warmUp)
            {
                await load.RunAsync(referrals, 8);
                await client.RunAsync(false, referrals, 8);
                await client.RunAsync(true, referrals, 8);
            }

            Console.WriteLine($"walk, {resources} results, {asked.Count} GETs beside the order, package {new FileInfo(package).Length / 1e6:0.00} MB; SQLite FULL, {(rabbit ? "RabbitMQ" : "bus in memory")}; medians of {rounds} rounds of {referrals}");
            Console.WriteLine($"  {"in flight",9} {"/ B1",6} {"/ B0",6} {"CPU / B1's",10} {"referrals/s",12} {"CPU ms",7} {"p50 ms",7} {"p99 ms",7}   B0/s   B1/s  B1 CPU ms  RSS now/peak MiB");
            foreach (var k in inFlight)
            {
                var (b0, b1, ours) = (new List<Round>(), new List<Round>(), new List<Round>());
                for (int round = 0; round < rounds; round++)
                {
                    b0.Add(await client.RunAsync(false, referrals, k));
                    b1.Add(await client.RunAsync(true, referrals, k));
                    ours.Add(await load.RunAsync(referrals, k));
                }

                double Ratio(List<Round> to) => Median(ours.Zip(to, (a, b) => a.PerSecond / b.PerSecond));
                var (now, peak) = service.Memory;
                Console.WriteLine(
                    $"  {k,9} {Ratio(b1),6:0.00} {Ratio(b0),6:0.00} {Median(ours.Zip(b1, (a, b) => a.CpuMilliseconds / b.CpuMilliseconds)),10:0.00} {Median(ours.Select(r => r.PerSecond)),12:0.0} "
                    + $"{Median(ours.Select(r => r.CpuMilliseconds)),7:0.00} {Median(ours.Select(r => r.P50)),7:0.0} {Median(ours.Select(r => r.P99)),7:0.0} {Median(b0.Select(r => r.PerSecond)),6:0} {Median(b1.Select(r => r.PerSecond)),6:0} "
                    + $"{Median(b1.Select(r => r.CpuMilliseconds)),10:0.00}  {now >> 20}/{peak >> 20}");
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
