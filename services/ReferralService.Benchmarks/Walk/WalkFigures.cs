using System.Globalization;
using ReferralService.Benchmarks.Report;

namespace ReferralService.Benchmarks.Walk;

/// <summary>Referrals per second from submission to the last confirmed event, against fetching and sending the same bytes with nothing between (B0) and with what must be done beside the splice (B1).</summary>
internal static class WalkFigures
{
    public static async Task FindAsync(Choices choices, Servers servers, WarmStage warm, Findings findings)
    {
        (Setup Setup, IReadOnlyList<int> InFlight)[] walks = choices switch
        {
            { Setup: { } one } => [(one, choices.InFlight ?? [8])],
            { Quick: true } => [(Setup.Usual, choices.InFlight ?? [8]), (new(LedgerKind.PostgreSql, BusKind.RabbitMq), choices.InFlight ?? [8])],
            _ =>
            [
                (Setup.Usual, choices.InFlight ?? [1, 4, 8, 16]), (new(LedgerKind.PostgreSql, BusKind.RabbitMq), choices.InFlight ?? [1, 4, 8, 16]),
                (new(LedgerKind.Sqlite, BusKind.InMemory), choices.InFlight ?? [8]), (new(LedgerKind.PostgreSql, BusKind.RabbitMq, Replicas: 2), choices.InFlight ?? [8, 16]),
            ],
        };
        var table = new Table(
            $"Walk: records of 300 results; medians of {choices.Rounds} rounds of {choices.Referrals} referrals (least and most), B0, B1 and the service by turns, {choices.Warm.TotalSeconds:0} s of warm-up",
            "on", "in flight", "/ B1", "/ B0", "CPU / B1's", "alloc / record", "LOH B", "referrals/s", "CPU ms", "p50 ms", "p99 ms", "B1/s", "B1 CPU ms", "RSS peak MiB");
        foreach (var (setup, inFlight) in walks)
        {
            if (setup == Setup.Usual)
            {
                var usual = await warm.OpenAsync();
                await RoundsAsync(choices, findings, table, setup, usual, warm.Client, warm.First, inFlight);
                continue;
            }

            await using var stage = await Stage.OpenAsync(servers, setup, ["300"]);
            var client = await stage.ClientAsync();
            await WarmStage.WarmAsync(stage, client, choices);
            await RoundsAsync(choices, findings, table, setup, stage, client, null, inFlight);
        }

        table.Note("CPU of the service's processes alone; allocations by its own /metrics; LOH: bytes allocated on the large object heap per referral in a further round under EventPipe (steps of 100 kB).");
        findings.Add(table);
    }

    private static async Task RoundsAsync(
        Choices choices, Findings findings, Table table, Setup setup, Stage stage, WorkerProcess client, Round? first, IReadOnlyList<int> inFlight)
    {
        foreach (var k in inFlight)
        {
            var (b0, b1, ours) = (new List<Round>(), new List<Round>(), new List<Round>());
            for (int round = 0; round < choices.Rounds; round++)
            {
                b0.Add(await client.RunAsync(false, choices.Referrals, k));
                b1.Add(await client.RunAsync(true, choices.Referrals, k));
                ours.Add(await stage.Load.RunAsync(choices.Referrals, k));
            }

            var (bytes, types) = await LargeObjects.WatchAsync(stage.Services, () => stage.Load.RunAsync(choices.Referrals, k));
            var large = bytes / (double)choices.Referrals;
            if (bytes > 0) table.Note($"Large objects, {setup}, {k} in flight: {types} in {choices.Referrals} referrals.");
            var ratio = Spread.Ratio(ours.Select(r => r.PerSecond), b1.Select(r => r.PerSecond));
            var plain = Spread.Ratio(ours.Select(r => r.PerSecond), b0.Select(r => r.PerSecond));
            var cpu = Spread.Ratio(ours.Select(r => r.CpuMilliseconds), b1.Select(r => r.CpuMilliseconds));
            var allocated = Spread.Of(ours.Select(r => (double)r.Allocated / r.Referrals / stage.RecordBytes));
            table.Add(
                $"{setup}", $"{k}", ratio.Text("0.00"), plain.Text("0.00"), cpu.Text("0.00"), allocated.Text("0.000"), large.ToString("0", CultureInfo.InvariantCulture),
                Spread.Of(ours.Select(r => r.PerSecond)).Text("0.0"), Spread.Of(ours.Select(r => r.CpuMilliseconds)).Text("0.00"), Middle(ours, r => r.P50, "0.0"), Middle(ours, r => r.P99, "0.0"),
                Middle(b1, r => r.PerSecond, "0"), Middle(b1, r => r.CpuMilliseconds, "0.00"), $"{stage.Services.Max(s => s.Memory.Peak) >> 20}");
            if (k == 8 && setup.Bus == BusKind.RabbitMq && setup.Replicas == 1)
            {
                findings.Set(setup.Ledger == LedgerKind.Sqlite ? Goal.WalkSqlite : Goal.WalkPostgreSql, ratio, $"/ B0 {plain.Text("0.00")}");
                if (first is not null)
                {
                    findings.Set(Goal.WalkCpu, cpu);
                    findings.Set(Goal.Allocations, allocated);
                    findings.Set(Goal.LargeObjects, large);
                    findings.Set(Goal.WarmUp, first.CpuMilliseconds / Spread.Of(ours.Select(r => r.CpuMilliseconds)).Median, $"{first.CpuMilliseconds:0.0} ms a referral");
                    findings.Set(Goal.ColdStart, stage.Services[0].ReadyAfter);
                }
            }
        }
    }

    private static string Middle(List<Round> rounds, Func<Round, double> of, string format) => Spread.Of(rounds.Select(of)).Median.ToString(format, CultureInfo.InvariantCulture);
}
