namespace ReferralService.Delivery;

/// <summary>Section <c>Delivery</c>.</summary>
internal sealed record DeliveryOptions
{
    /// <summary>From the first wish to deliver (or the last retry) until the referral fails or is held. Default 3 days, 1 minute to 90 days.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromDays(3);

    /// <summary>Longest time without progress within one attempt. Default 30 s, 1 s to 10 min.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Slower uploads than this are given up: with the package's size it bounds a whole attempt. Default 128 KiB/s, 1 KiB/s to 1 GiB/s.</summary>
    public long MinBytesPerSecond { get; init; } = 131072;

    /// <summary>The longest one attempt can take: how long its lease must hold.</summary>
    public TimeSpan LongestAttempt(long bytes) => AttemptTimeout + TimeSpan.FromSeconds((double)bytes / MinBytesPerSecond) + AttemptTimeout;

    public static DeliveryOptions Read(SettingsReader settings)
    {
        var part = settings.Part("Delivery");
        var defaults = new DeliveryOptions();
        return new DeliveryOptions
        {
            Deadline = part.Span("Deadline", defaults.Deadline, TimeSpan.FromMinutes(1), TimeSpan.FromDays(90)),
            AttemptTimeout = part.Span("AttemptTimeout", defaults.AttemptTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10)),
            MinBytesPerSecond = part.Number("MinBytesPerSecond", defaults.MinBytesPerSecond, 1024, 1L << 30),
        };
    }
}
