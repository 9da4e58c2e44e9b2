namespace ReferralService.Benchmarks;

/// <summary>One way of doing the work: medians over the rounds, of processor time (the machine may be busy with other things).</summary>
internal sealed record Measured(string Name, double Milliseconds, long Allocated)
{
    /// <summary>Runs all ways by turns, so that a busy moment of the machine falls on each alike; the rounds before those counted let the compiler finish.</summary>
    /// <param name="ways">Each completes synchronously, on this thread.</param>
    public static async Task<IReadOnlyList<Measured>> RunAsync(int rounds, IReadOnlyList<(string Name, Func<Task> Work)> ways)
    {
        var times = ways.Select(_ => new List<double>()).ToList();
        var bytes = ways.Select(_ => new List<long>()).ToList();
        int warmUp = rounds < 10 ? 3 : 60;
        for (int round = -warmUp; round < rounds; round++)
        {
            for (int way = 0; way < ways.Count; way++)
            {
                GC.Collect();
                long allocated = GC.GetAllocatedBytesForCurrentThread();
                var start = Environment.CpuUsage.TotalTime;
                await ways[way].Work();
                double time = (Environment.CpuUsage.TotalTime - start).TotalMilliseconds;
                if (round < 0) continue;
                times[way].Add(time);
                bytes[way].Add(GC.GetAllocatedBytesForCurrentThread() - allocated);
            }
        }

        return [.. ways.Select((w, i) => new Measured(w.Name, times[i].Order().ElementAt(rounds / 2), bytes[i].Order().ElementAt(rounds / 2)))];
    }
}
