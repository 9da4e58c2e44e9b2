namespace ReferralService.Gathering;

/// <summary>Notices what a server's clock says.</summary>
internal sealed class ServerClock(TimeProvider ours) : DelegatingHandler
{
    private long _skewTicks;
    private volatile bool _answered;

    /// <summary>Whether it has answered at all. One that sends no Date is taken to agree with us.</summary>
    public bool Answered => _answered;

    /// <summary>The server's clock less ours, from its last answer with a Date header; zero until then. Whole seconds: the header has no finer ones.</summary>
    public TimeSpan Skew => new(Interlocked.Read(ref _skewTicks));

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        _answered = true;
        if (response.Headers.Date is { } theirs) Interlocked.Exchange(ref _skewTicks, (theirs - ours.GetUtcNow()).Ticks);
        return response;
    }
}
