using System.Diagnostics;
using ReferralService.Benchmarks.Report;
using ReferralService.Contracts;
using ReferralService.Ledger;
using ReferralService.Ledger.Transitions;

namespace ReferralService.Benchmarks.Parts;

/// <summary>Transitions per second of the ledger (row, line of timeline, event in the outbox; durable when it returns): many at once against one at a time.</summary>
internal static class StoreFigures
{
    private static readonly int[] Producers = [1, 8, 64];
    private static readonly Uri Ehr = new("https://ehr.example.org/fhir");
    private static readonly Uri Nowhere = new("amqp://127.0.0.1:1/");
    private static readonly CancellationToken None = CancellationToken.None;

    public static async Task FindAsync(Choices choices, Servers servers, Findings findings)
    {
        var table = new Table($"Ledger: transitions per second by producers at once, medians of {choices.Rounds} rounds by turns (least and most)", "on", "1", "8", "64", "8 / 1", "CPU µs of one (8)");
        foreach (var kind in Enum.GetValues<Walk.LedgerKind>())
        {
            await using var rooms = await Rooms.OpenAsync(kind == Walk.LedgerKind.PostgreSql ? await servers.DatabaseAsync() : null, Nowhere);
            var referrals = await CreateAsync(rooms.Referrals, Producers[^1]);
            var (rates, cpu) = (Producers.Select(_ => new List<double>()).ToArray(), new List<double>());
            for (int round = -2; round < choices.Rounds; round++)
            {
                for (int i = 0; i < Producers.Length; i++)
                {
                    int each = (choices.Quick ? 800 : 3_200) / (Producers[i] == 1 ? 4 : Producers[i]);
                    var (spent, began) = (Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
                    await Task.WhenAll(Enumerable.Range(0, Producers[i]).Select(n => Task.Run(async () => referrals[n] = await AdvanceAsync(rooms.Referrals, referrals[n], each))));
                    var (took, used) = (Stopwatch.GetElapsedTime(began), Environment.CpuUsage.TotalTime - spent);
                    if (round < 0) continue;
                    rates[i].Add(each * Producers[i] / took.TotalSeconds);
                    if (Producers[i] == 8) cpu.Add(used.TotalMicroseconds / (each * 8));
                }
            }

            var ratio = Spread.Ratio(rates[1], rates[0]);
            table.Add([kind == Walk.LedgerKind.Sqlite ? "SQLite FULL" : "PostgreSQL", .. rates.Select(r => Spread.Of(r).Text("0")), ratio.Text("0.0"), Spread.Of(cpu).Text("0")]);
            if (kind == Walk.LedgerKind.Sqlite) findings.Set(Goal.GroupCommit, ratio);
        }

        findings.Add(table);
    }

    private static async Task<Referral[]> CreateAsync(ReferralBook book, int number)
    {
        var referrals = new Referral[number];
        for (int i = 0; i < number; i++)
        {
            var order = $"order-{i}";
            referrals[i] = await book.DecideAsync(
                new DecisionScope.Order("main", order), rows => JoinRules.Submit(rows, Ehr, "main", order, null, null, TimeProvider.System.GetUtcNow()), None);
        }

        // As the dispatcher leases them and a step begins.
        var claimed = await book.ClaimDueAsync(new ClaimLimits(number, TimeSpan.FromHours(1), number, number), None);
        for (int i = 0; i < claimed.Count; i++)
        {
            referrals[i] = await book.BeginAsync(claimed[i].Id, claimed[i].Fence, TimeSpan.FromHours(1), None) ?? throw new BrokenRunException("A claimed referral cannot be begun.");
        }

        return claimed.Count == number ? referrals : throw new BrokenRunException($"Of {number} due referrals {claimed.Count} were claimed.");
    }

    /// <summary>Put off again and again, which writes what most steps write.</summary>
    private static async Task<Referral> AdvanceAsync(ReferralBook book, Referral referral, int times)
    {
        for (int i = 0; i < times; i++)
        {
            var now = TimeProvider.System.GetUtcNow();
            referral = await book.AdvanceAsync(
                referral, r => StepTransitions.GatherDeferred(r, ReasonCodes.EhrError, now.AddHours(1), now.AddDays(1), now), TimeSpan.FromHours(1), None)
                ?? throw new BrokenRunException("A lease was lost that nobody else could have taken.");
        }

        return referral;
    }
}
