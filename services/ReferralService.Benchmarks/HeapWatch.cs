namespace ReferralService.Benchmarks;

/// <summary>Looks at the managed heap every two milliseconds and keeps the highest it saw: garbage not yet collected counts.</summary>
internal sealed class HeapWatch : IDisposable
{
    private readonly ITimer _timer;
    private long _highest;

    public HeapWatch() => _timer = TimeProvider.System.CreateTimer(_ => Look(), null, TimeSpan.Zero, TimeSpan.FromMilliseconds(2));

    public long Highest()
    {
        Look();
        return Interlocked.Read(ref _highest);
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        long now = GC.GetTotalMemory(forceFullCollection: false);
        for (long known = Interlocked.Read(ref _highest); known < now;)
        {
            long met = Interlocked.CompareExchange(ref _highest, now, known);
            if (met == known) return;
            known = met;
        }
    }
}
