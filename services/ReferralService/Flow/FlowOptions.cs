using ReferralService.Ledger;

namespace ReferralService.Flow;

/// <summary>Section <c>Flow</c>: how much happens at once.</summary>
internal sealed record FlowOptions
{
    /// <summary>Steps at once in one process. Default 32, 1 to 1,024.</summary>
    public int MaxInFlight { get; init; } = 32;

    /// <summary>Referrals of one EHR that are gathered at once. Default 8, 1 to 256.</summary>
    public int PerEhr { get; init; } = 8;

    /// <summary>Deliveries to one recipient at once. Default 8, 1 to 256.</summary>
    public int PerRecipient { get; init; } = 8;

    /// <summary>As long as fewer steps run in a process, it runs what it claims itself; with more, wake-ups go to whichever replica is free. Default 8; on SQLite, which one process has for itself, as many as there are. 0 to 1,024.</summary>
    public int InPlace { get; init; } = 8;

    /// <summary>How long a claimed referral waits for its wake-up before it falls due again; also a gathering step's lease between two renewals. Default 1 minute, 2 s to 1 hour.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How often the loops look by themselves. Default 1 s, 50 ms to 1 minute.</summary>
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a process must have lived before a suspect (three crashes) runs in it, alone; twice and four times as long after one and two further deaths. Default 5 s, 100 ms to 10 minutes.</summary>
    public TimeSpan SuspectAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>To which the delay between two tries grows: 2 s, 6 s, 18 s …, ± 20 %. A partner's own Retry-After is heeded beyond it. Default 1 hour, 2 s to 1 hour.</summary>
    public TimeSpan LongestDelay { get; init; } = Backoff.Longest;

    public static FlowOptions Read(SettingsReader settings)
    {
        var flow = settings.Part("Flow");
        var defaults = new FlowOptions();
        return new FlowOptions
        {
            MaxInFlight = (int)flow.Number("MaxInFlight", defaults.MaxInFlight, 1, 1024),
            PerEhr = (int)flow.Number("PerEhr", defaults.PerEhr, 1, 256),
            PerRecipient = (int)flow.Number("PerRecipient", defaults.PerRecipient, 1, 256),
            InPlace = (int)flow.Number("InPlace", settings.Peek("Ledger:Provider") is { } provider && provider.Equals(nameof(LedgerProvider.PostgreSql), StringComparison.OrdinalIgnoreCase) ? defaults.InPlace : 1024, 0, 1024),
            Lease = flow.Span("Lease", defaults.Lease, TimeSpan.FromSeconds(2), TimeSpan.FromHours(1)),
            LookEvery = flow.Span("LookEvery", defaults.LookEvery, TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(1)),
            SuspectAfter = flow.Span("SuspectAfter", defaults.SuspectAfter, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10)),
            LongestDelay = flow.Span("LongestDelay", defaults.LongestDelay, TimeSpan.FromSeconds(2), Backoff.Longest),
        };
    }
}
