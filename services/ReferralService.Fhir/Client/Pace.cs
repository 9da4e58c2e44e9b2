namespace ReferralService.Fhir.Client;

/// <summary>How long a body may still be waited for: a grace, and the time its bytes so far have earned. So a steady body of any size is read to its end, and a trickle is not.</summary>
/// <remarks>Only waiting counts: while we are busy with what came, the server is not to blame.</remarks>
internal sealed class Pace(FhirClientOptions options, TimeProvider clock)
{
    private readonly TimeSpan _idle = options.BodyIdleTimeout ?? options.IdleTimeout;
    private TimeSpan _waited;
    private long _began;

    /// <summary>Waiting begins; returns how long it may last.</summary>
    /// <param name="read">Bytes of the body so far.</param>
    public TimeSpan Begin(long read)
    {
        _began = clock.GetTimestamp();
        if (options.MinBytesPerSecond <= 0) return _idle;
        var left = options.SlowGrace + TimeSpan.FromSeconds((double)read / options.MinBytesPerSecond) - _waited;
        return left < TimeSpan.Zero ? TimeSpan.Zero : left < _idle ? left : _idle;
    }

    public void End() => _waited += clock.GetElapsedTime(_began);
}
