namespace ReferralService.Fhir.Client;

/// <summary>Ends one exchange when nothing has moved for the idle time. Runs only while the other side is waited for.</summary>
internal sealed class IdleWatch : IDisposable
{
    private readonly TimeSpan _idle;
    private readonly CancellationTokenSource _end;
    private readonly CancellationTokenRegistration _caller;

    public IdleWatch(TimeSpan idle, TimeProvider clock, CancellationToken caller)
    {
        _idle = idle;
        _end = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
        _caller = caller.UnsafeRegister(static end => ((CancellationTokenSource)end!).Cancel(), _end);
        Caller = caller;
    }

    /// <summary>The caller's own token: what it cancels is no failure.</summary>
    public CancellationToken Caller { get; }

    /// <summary>Cancelled by the caller or by the idle time.</summary>
    public CancellationToken Token => _end.Token;

    public bool Expired => _end.IsCancellationRequested && !Caller.IsCancellationRequested;

    /// <summary>Something moved, or is now waited for: the time begins anew.</summary>
    public void Restart() => _end.CancelAfter(_idle);

    /// <summary>The same with another time, this once.</summary>
    public void Restart(TimeSpan most) => _end.CancelAfter(most);

    /// <summary>We are busy ourselves; the other side is not to blame.</summary>
    public void Pause() => _end.CancelAfter(Timeout.InfiniteTimeSpan);

    public void Dispose()
    {
        _caller.Dispose();
        _end.Dispose();
    }
}
