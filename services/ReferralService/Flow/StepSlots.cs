using ReferralService.Ledger;

namespace ReferralService.Flow;

/// <summary>The places for steps in this process. A step that may kill the process, a suspect, takes all of them: it runs alone.</summary>
/// <remarks>
/// Nobody waits for a suspect that only waits itself: it looks for a quiet moment with the door open, closes it for a bounded time when there was none,
/// and gives up when what runs does not end in that time. A few wait for their turn, one after the other; the rest come back later, so that they take
/// no EHR's or recipient's places from others.
/// </remarks>
internal sealed class StepSlots(FlowOptions options, StepTime time) : IDisposable
{
    private const int MostSuspects = 4;

    private static readonly TimeSpan QuietWithin = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan ShortestDrain = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestDrain = TimeSpan.FromMinutes(5);

    private readonly SemaphoreSlim _places = new(options.MaxInFlight, options.MaxInFlight);
    private readonly SemaphoreSlim _door = new(1, 1);
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly WorkSignal _left = new();
    private int _running;
    private int _suspects;
    private TimeSpan _drain = ShortestDrain;

    /// <summary>Steps that could begin now; none while a suspect has the places.</summary>
    public int Free => _places.CurrentCount;

    /// <summary>Steps running now.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>The longest that <see cref="EnterAloneAsync"/> waits now: what holds the step must hold as long.</summary>
    public TimeSpan LongestWait => 2 * (QuietWithin + _drain);

    public async Task<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        await _door.WaitAsync(cancellationToken);
        try
        {
            await _places.WaitAsync(cancellationToken);
        }
        finally
        {
            _door.Release();
        }

        return new Place(this, 1, suspect: false);
    }

    /// <summary>All places. Null: not now, other suspects are before it, or what runs went on for too long; try again later.</summary>
    public async Task<IDisposable?> EnterAloneAsync(CancellationToken cancellationToken)
    {
        Place? alone = null;
        var turn = false;
        try
        {
            if (Interlocked.Increment(ref _suspects) > MostSuspects)
            {
                return null;
            }

            turn = await TakesTurnAsync(cancellationToken);
            if (!turn)
            {
                return null;
            }

            await QuietAsync(QuietWithin, cancellationToken);
            alone = await TakeAllAsync(cancellationToken);
            // Long steps must not keep a suspect waiting for ever: each time it waits for them a little longer.
            _drain = alone is not null ? ShortestDrain : _drain * 2 < LongestDrain ? _drain * 2 : LongestDrain;
            return alone;
        }
        finally
        {
            if (alone is null)
            {
                SuspectLeaves(turn);
            }
        }
    }

    /// <summary>Completes when no step runs, or after <paramref name="longest"/>.</summary>
    public async Task QuietAsync(TimeSpan longest, CancellationToken cancellationToken)
    {
        var until = time.Now + longest;
        while (true)
        {
            var next = _left.Next;
            var left = until - time.Now;
            if (Running == 0 || left <= TimeSpan.Zero)
            {
                return;
            }

            await WorkSignal.WaitAsync(next, left, time.Clock, cancellationToken);
        }
    }

    public void Dispose()
    {
        _places.Dispose();
        _door.Dispose();
        _turn.Dispose();
    }

    private async Task<bool> TakesTurnAsync(CancellationToken cancellationToken)
    {
        using var enough = new CancellationTokenSource(QuietWithin + _drain, time.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(enough.Token, cancellationToken);
        try
        {
            await _turn.WaitAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private void SuspectLeaves(bool hadTurn)
    {
        Interlocked.Decrement(ref _suspects);
        if (hadTurn)
        {
            _turn.Release();
        }
    }

    private async Task<Place?> TakeAllAsync(CancellationToken cancellationToken)
    {
        using var enough = new CancellationTokenSource(_drain, time.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(enough.Token, cancellationToken);
        var (closed, places) = (false, 0);
        try
        {
            await _door.WaitAsync(either.Token);
            closed = true;
            for (; places < options.MaxInFlight; places++)
            {
                await _places.WaitAsync(either.Token);
            }

            return new Place(this, places, suspect: true);
        }
        catch (OperationCanceledException)
        {
            if (places > 0)
            {
                _places.Release(places);
            }

            cancellationToken.ThrowIfCancellationRequested();
            return null;
        }
        finally
        {
            if (closed)
            {
                _door.Release();
            }
        }
    }

    private sealed class Place : IDisposable
    {
        private readonly StepSlots _slots;
        private readonly int _places;
        private readonly bool _suspect;
        private int _given;

        public Place(StepSlots slots, int places, bool suspect)
        {
            (_slots, _places, _suspect) = (slots, places, suspect);
            Interlocked.Increment(ref slots._running);
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _given, 1) == 1)
            {
                return;
            }

            Interlocked.Decrement(ref _slots._running);
            _slots._places.Release(_places);
            _slots._left.Set();
            if (_suspect)
            {
                _slots.SuspectLeaves(hadTurn: true);
            }
        }
    }
}
