namespace ReferralService.Benchmarks.Walk;

/// <summary>Without a broker the timeline holds the events: each referral is looked at once, newest first, and again only while it is on its way.</summary>
internal sealed class Timelines(ServiceUnderLoad service) : IEndings
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    public async Task<IReadOnlyList<double>> AllAsync(IReadOnlyCollection<Guid> referrals, CancellationToken cancellationToken)
    {
        var took = new List<double>();
        foreach (var id in referrals.Reverse())
        {
            while (true)
            {
                var shown = await service.ShowAsync(id);
                var state = shown.GetProperty("state").GetString();
                if (state is "held" or "failed" or "cancelled") throw new BrokenRunException($"Referral {id} ended as {state}.");
                if (state == "delivered")
                {
                    var timeline = shown.GetProperty("timeline").EnumerateArray().ToList();
                    took.Add((timeline.First(l => l.GetProperty("event").GetString() == "delivered").GetProperty("at").GetDateTimeOffset() - timeline[0].GetProperty("at").GetDateTimeOffset()).TotalMilliseconds);
                    break;
                }

                await Task.Delay(Pause, TimeProvider.System, cancellationToken);
            }
        }

        return took;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
