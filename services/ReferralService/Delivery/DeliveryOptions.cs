namespace ReferralService.Delivery;

/// <summary>Section <c>Delivery</c>.</summary>
internal sealed record DeliveryOptions
{
    /// <summary>From the first wish to deliver (or the last retry) until the referral fails or is held. Default 3 days, 1 minute to 90 days.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromDays(3);

    /// <summary>Longest time without progress within one attempt. Default 30 s, 1 s to 10 min.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Slower uploads than this are given up: with the package's size it bounds a whole attempt. Default 128 KiB/s.</summary>
    public long MinBytesPerSecond { get; init; } = 131072;

    /// <summary>The longest one attempt can take: how long its lease must hold.</summary>
    public TimeSpan LongestAttempt(long bytes) => AttemptTimeout + TimeSpan.FromSeconds((double)bytes / MinBytesPerSecond) + AttemptTimeout;
}
