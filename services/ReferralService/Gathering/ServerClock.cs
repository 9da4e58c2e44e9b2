namespace ReferralService.Gathering;

/// <summary>Notices what a server's clock says.</summary>
internal sealed class ServerClock(TimeProvider ours)
{
    private long _skewTicks;
    private volatile bool _answered;

    /// <summary>Whether it has answered at all. One that sends no Date is taken to agree with us.</summary>
    public bool Answered => _answered;

    /// <summary>The server's clock less ours, from its last answer with a Date header; zero until then. Whole seconds: the header has no finer ones.</summary>
    public TimeSpan Skew => new(Interlocked.Read(ref _skewTicks));

    /// <param name="theirs">The answer's Date header; null: it has none.</param>
    public void Heard(DateTimeOffset? theirs)
    {
        _answered = true;
        if (theirs is { } told) Interlocked.Exchange(ref _skewTicks, (told - ours.GetUtcNow()).Ticks);
    }
}
