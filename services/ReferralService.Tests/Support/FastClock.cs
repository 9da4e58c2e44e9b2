namespace ReferralService.Tests.Support;

/// <summary>A clock that runs so many times faster than the machine's, and so do the timers that are set on it: for what takes minutes by itself.</summary>
internal sealed class FastClock(int times) : TimeProvider
{
    private readonly DateTimeOffset _start = System.GetUtcNow();
    private readonly Lock _gate = new();
    private int _times = times;
    private long _since = System.GetTimestamp();
    private long _ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => _start + TimeSpan.FromTicks(GetTimestamp());

    public override long GetTimestamp()
    {
        lock (_gate)
        {
            return Ticks();
        }
    }

    /// <summary>From now on so many times faster. Timers that are set already keep the moment they were set to.</summary>
    public void Run(int times)
    {
        lock (_gate)
        {
            (_ticks, _since, _times) = (Ticks(), System.GetTimestamp(), times);
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        => new FastTimer(System.CreateTimer(callback, state, Sooner(dueTime), Sooner(period)), this);

    private long Ticks() => _ticks + (System.GetElapsedTime(_since).Ticks * _times);

    private TimeSpan Sooner(TimeSpan span) => span <= TimeSpan.Zero ? span : span / _times;

    private sealed class FastTimer(ITimer timer, FastClock clock) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(clock.Sooner(dueTime), clock.Sooner(period));

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
