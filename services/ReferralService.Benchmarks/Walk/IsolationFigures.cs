using ReferralService.Benchmarks.Report;

namespace ReferralService.Benchmarks.Walk;

/// <summary>What nine recipients notice of a tenth that lets each request hang.</summary>
internal static class IsolationFigures
{
    private const int Others = Stage.Recipients - 1;
    private const int InFlight = Others;
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(29);

    public static async Task FindAsync(Choices choices, WarmStage warm, Findings findings)
    {
        var stage = await warm.OpenAsync();
        int referrals = choices.Quick ? 54 : 270, sent = 0;
        // Each recipient's capabilities are learned before.
        await RoundAsync(stage, Others, () => sent++);
        var (without, with) = (new List<Round>(), new List<Round>());
        for (int round = 0; round < choices.Rounds; round++) without.Add(await RoundAsync(stage, referrals, () => sent++));
        await stage.Arrivals.HangAsync(Hang);
        for (int round = 0; round < choices.Rounds; round++) with.Add(await RoundAsync(stage, referrals, () => sent++));
        await stage.Arrivals.HangAsync(TimeSpan.Zero);

        var (calm, hung) = (Spread.Of(without.Select(r => r.P95)), Spread.Of(with.Select(r => r.P95)));
        findings.Set(Goal.Isolation, Spread.Ratio(with.Select(r => r.P95), without.Select(r => r.P95)));
        var table = new Table(
            $"Isolation: {choices.Rounds} rounds of {referrals} referrals to nine recipients, {InFlight} in flight, and one to a tenth beside every nine", "the tenth", "p50 ms", "p95 ms", "referrals/s");
        table.Add("answers", Spread.Of(without.Select(r => r.P50)).Text("0"), calm.Text("0"), Spread.Of(without.Select(r => r.PerSecond)).Text("0.0"));
        table.Add($"hangs {Hang.TotalSeconds:0} s a request", Spread.Of(with.Select(r => r.P50)).Text("0"), hung.Text("0"), Spread.Of(with.Select(r => r.PerSecond)).Text("0.0"));
        findings.Add(table);
    }

    /// <summary>The rounds with and without a hanging tenth cannot alternate: what hangs goes on into the next.</summary>
    private static async Task<Round> RoundAsync(Stage stage, int referrals, Func<int> number)
    {
        for (int i = 0; i < referrals / Others; i++) await stage.Services[0].SubmitAsync($"order-tenth{number()}", "main", $"r{Others}");
        return await stage.Load.RunAsync(referrals, InFlight, "main", i => $"r{i % Others}");
    }
}
