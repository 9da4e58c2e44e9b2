using System.Globalization;
using ReferralService.Benchmarks.Report;

namespace ReferralService.Benchmarks.Walk;

/// <summary>How long one referral takes that is alone: against fetching and sending the same bytes, and at an EHR that lets each answer wait.</summary>
internal static class LatencyFigures
{
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(50);

    /// <summary>What a walk may need beside waiting for its chain of answers.</summary>
    private const double Own = 10;

    public static async Task FindAsync(Choices choices, WarmStage warm, Findings findings)
    {
        var stage = await warm.OpenAsync();
        int referrals = choices.Quick ? 20 : 100, slow = choices.Quick ? 5 : 20;
        var (b0, ours, alone) = (new List<double>(), new List<double>(), new List<double>());
        for (int round = 0; round < choices.Rounds; round++)
        {
            b0.Add((await warm.Client.RunAsync(false, referrals, 1)).P50);
            alone.Clear();
            for (int i = 0; i < referrals; i++) alone.Add((await stage.Load.OneAsync()).Milliseconds);
            ours.Add(Spread.Of(alone).Median);
        }

        await stage.Arrivals.DelayAsync(Wait);
        await stage.Arrivals.ForgetAsync();
        await stage.Load.OneAsync();
        var chain = Chain.Of(await stage.Arrivals.AskedAsync());
        var late = new List<double>();
        for (int i = 0; i < slow; i++) late.Add((await stage.Load.OneAsync()).Milliseconds);
        await stage.Arrivals.DelayAsync(TimeSpan.Zero);

        var ratio = Spread.Ratio(ours, b0);
        var least = chain.Length * Wait.TotalMilliseconds + Own;
        var total = Spread.Of(late);
        findings.Set(Goal.Alone, ratio);
        findings.Set(Goal.Chain, new Spread(total.Median / least, total.Least / least, total.Most / least), $"{total.Median:0} ms, chain of {chain.Length}");
        var table = new Table($"Latency: one referral alone, from before it is submitted until its package has come; medians of {choices.Rounds} rounds of {referrals}, at the slow EHR of {slow}", "what", "ms");
        table.Add("B0: fetch and put", Spread.Of(b0).Text("0.0"));
        table.Add("the service", Spread.Of(ours).Text("0.0"));
        table.Add($"the service, each answer of the EHR after {Wait.TotalMilliseconds:0} ms", total.Text("0"));
        table.Add($"longest chain of answers × {Wait.TotalMilliseconds:0} ms + {Own:0} ms", least.ToString("0", CultureInfo.InvariantCulture));
        table.Note($"The chain: {chain.Text}.");
        findings.Add(table);
    }

    /// <summary>How many answers of the EHR must follow each other, whatever is asked at once.</summary>
    private sealed record Chain(int Length, string Text)
    {
        /// <param name="asked">Of one referral, the reads of its order apart.</param>
        public static Chain Of(IReadOnlyList<string> asked)
        {
            // A next link is opaque and does not tell its search: all of them are taken for one search's, which is so with records of this kind (only the Observations have more than a page).
            int next = asked.Count(path => path.Contains("_getpages=", StringComparison.Ordinal));
            bool searches = asked.Any(path => path.Contains('?', StringComparison.Ordinal)), follows = asked.Any(path => !path.Contains('?', StringComparison.Ordinal));
            int length = 2 + (searches ? 1 + next : 0) + (follows ? 1 : 0);
            return new(length, $"the order, a search and its {next} next pages, {(follows ? "a reference that only a page tells, " : "")}the order again before the package goes");
        }
    }
}
