namespace ReferralService.Tests.Support;

/// <summary>Lets a manual clock go by itself, so many times faster than the machine's and from a fixed instant on. It goes by ticks: however long the machine stalls, that is one tick, and no timeout of the service's falls due meanwhile.</summary>
internal sealed class TickingClock : IAsyncDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    private readonly PeriodicTimer _ticks = new(Tick, TimeProvider.System);
    private readonly Task _going;

    public TickingClock(int times = 1) => _going = GoAsync(Tick * times);

    public ManualTimeProvider Time { get; } = new();

    public async ValueTask DisposeAsync()
    {
        _ticks.Dispose();
        await _going;
    }

    private async Task GoAsync(TimeSpan step)
    {
        while (await _ticks.WaitForNextTickAsync()) Time.Advance(step);
    }
}
