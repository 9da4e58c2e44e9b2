namespace ReferralService.Sandbox.Ehr;

/// <summary>What becomes of hooks about events on their way; handshakes and heartbeats always go. Set whole: the next event sees it.</summary>
internal sealed record HookWeather
{
    public static readonly HookWeather Fair = new();

    /// <summary>Which share is lost for ever, from 0 to 1.</summary>
    public double Lost { get; init; }

    /// <summary>How often each is sent, all at once.</summary>
    public int Copies { get; init; } = 1;

    /// <summary>So many are held back and then sent in another order.</summary>
    public int Shuffled { get; init; } = 1;

    /// <summary>Whether those that have heartbeats get them.</summary>
    public bool Heartbeats { get; init; } = true;
}
