namespace ReferralService.Intake.Settings;

/// <summary>Section <c>Intake</c>: how much a caller may send, and how slowly.</summary>
internal sealed record IntakeOptions
{
    /// <summary>Longest notification in bytes; a topic notification may carry whole resources. Default 4 MiB, 64 KiB to 64 MiB.</summary>
    public long MaxNotificationBytes { get; init; } = 4 << 20;

    /// <summary>Notifications one EHR may send in a second, and in one burst; more get 429 with Retry-After. Default 20 000, 1 to 1 000 000.</summary>
    public int NotificationsPerSecond { get; init; } = 20_000;

    /// <summary>Calls of <c>/api</c> that one key, or without a good one one address, may make in a second, and in one burst; more get 429 with
    /// Retry-After. Strangers at the hooks (wrong secret, unknown EHR) are counted by address too. Default 5 000, 1 to 1 000 000.</summary>
    public int RequestsPerSecond { get; init; } = 5_000;

    /// <summary>Time from a request's first byte to the end of its headers; then the connection is closed. Default 15 s, 1 s to 5 minutes.</summary>
    public TimeSpan HeadersTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Slowest body in bytes a second, averaged; one that is slower is answered 408 and cut off. Default 240, 1 to 1 MiB.</summary>
    public int MinBodyBytesPerSecond { get; init; } = 240;

    /// <summary>How long a body may be slow before it counts. Default 5 s, 2 s to 1 minute.</summary>
    public TimeSpan SlowBodyGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Connections at once; more are closed unheard. Default 10 000, 1 to 100 000.</summary>
    public int MaxConnections { get; init; } = 10_000;

    public static IntakeOptions Read(SettingsReader settings)
    {
        var part = settings.Part("Intake");
        var otherwise = new IntakeOptions();
        return new IntakeOptions
        {
            MaxNotificationBytes = part.Number("MaxNotificationBytes", otherwise.MaxNotificationBytes, 64 << 10, 64 << 20),
            NotificationsPerSecond = (int)part.Number("NotificationsPerSecond", otherwise.NotificationsPerSecond, 1, 1_000_000),
            RequestsPerSecond = (int)part.Number("RequestsPerSecond", otherwise.RequestsPerSecond, 1, 1_000_000),
            HeadersTimeout = part.Span("HeadersTimeout", otherwise.HeadersTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5)),
            MinBodyBytesPerSecond = (int)part.Number("MinBodyBytesPerSecond", otherwise.MinBodyBytesPerSecond, 1, 1 << 20),
            SlowBodyGrace = part.Span("SlowBodyGrace", otherwise.SlowBodyGrace, TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(1)),
            MaxConnections = (int)part.Number("MaxConnections", otherwise.MaxConnections, 1, 100_000),
        };
    }
}

/// <summary>The recipients a request may name. Whether each can be reached is the recipient directory's business.</summary>
internal sealed class KnownRecipients(IEnumerable<string> names)
{
    private readonly HashSet<string> _names = new(names, StringComparer.Ordinal);

    public int Count => _names.Count;

    public bool Contains(string name) => _names.Contains(name);
}
