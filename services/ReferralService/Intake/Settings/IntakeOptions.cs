namespace ReferralService.Intake.Settings;

/// <summary>Section <c>Intake</c>: how much a caller may send.</summary>
internal sealed record IntakeOptions
{
    /// <summary>Longest notification in bytes; a topic notification may carry whole resources. Default 4 MiB, 64 KiB to 64 MiB.</summary>
    public long MaxNotificationBytes { get; init; } = 4 << 20;

    /// <summary>Notifications one EHR may send in a second, and in one burst; more get 429 with Retry-After. Default 20 000, 1 to 1 000 000.</summary>
    public int NotificationsPerSecond { get; init; } = 20_000;

    public static IntakeOptions Read(SettingsReader settings)
    {
        var part = settings.Part("Intake");
        var otherwise = new IntakeOptions();
        return new IntakeOptions
        {
            MaxNotificationBytes = part.Number("MaxNotificationBytes", otherwise.MaxNotificationBytes, 64 << 10, 64 << 20),
            NotificationsPerSecond = (int)part.Number("NotificationsPerSecond", otherwise.NotificationsPerSecond, 1, 1_000_000),
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
