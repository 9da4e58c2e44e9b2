namespace ReferralService.Flow;

/// <summary>The places for steps in this process. A step that may kill the process takes all of them: it runs alone.</summary>
internal sealed class StepSlots(FlowOptions options) : IDisposable
{
    private readonly SemaphoreSlim _places = new(options.MaxInFlight, options.MaxInFlight);
    private readonly SemaphoreSlim _door = new(1, 1);
    private int _running;

    /// <summary>Steps running now.</summary>
    public int Running => Volatile.Read(ref _running);

    public async Task<IDisposable> EnterAsync(bool alone, CancellationToken cancellationToken)
    {
        await _door.WaitAsync(cancellationToken);
        var places = 0;
        try
        {
            for (; places < (alone ? options.MaxInFlight : 1); places++)
            {
                await _places.WaitAsync(cancellationToken);
            }
        }
        catch
        {
            if (places > 0)
            {
                _places.Release(places);
            }

            throw;
        }
        finally
        {
            _door.Release();
        }

        Interlocked.Increment(ref _running);
        return new Place(this, places);
    }

    /// <summary>Completes when no step runs any more.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken) => (await EnterAsync(alone: true, cancellationToken)).Dispose();

    public void Dispose()
    {
        _places.Dispose();
        _door.Dispose();
    }

    private sealed class Place(StepSlots slots, int places) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
            {
                Interlocked.Decrement(ref slots._running);
                slots._places.Release(places);
            }
        }
    }
}
