namespace ReferralService;

/// <summary>
/// The machine's clock, except that it never runs backwards: set back, it goes on at half speed until the machine's has come up to it.
/// </summary>
/// <remarks>
/// Due times and (on SQLite) leases are instants in the ledger. A clock set back by an hour would make all of them wait an hour longer; like
/// this they wait twice as long as they would, and never fire early. Set forward (a machine that slept), it follows at once. Timers and
/// timestamps are the machine's own: they know no wall clock.
/// </remarks>
internal sealed class SteadyClock(TimeProvider machine) : TimeProvider
{
    private readonly Lock _lock = new();
    private DateTimeOffset _told = DateTimeOffset.MinValue;
    private long _toldAt;

    public override TimeZoneInfo LocalTimeZone => machine.LocalTimeZone;

    public override long TimestampFrequency => machine.TimestampFrequency;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
        {
            var now = machine.GetUtcNow();
            var timestamp = machine.GetTimestamp();
            if (now < _told)
            {
                now = _told + (machine.GetElapsedTime(_toldAt, timestamp) / 2);
            }

            (_told, _toldAt) = (now, timestamp);
            return now;
        }
    }

    public override long GetTimestamp() => machine.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => machine.CreateTimer(callback, state, dueTime, period);
}
