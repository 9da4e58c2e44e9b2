namespace ReferralService.AcceptanceTests.Support;

/// <summary>What a <see cref="FaultProxy"/> does to the bytes that go one way. Parts combine: a delay and a trickle, a trickle and a cut.</summary>
internal sealed record Trouble
{
    /// <summary>All is passed on as it comes.</summary>
    public static readonly Trouble None = new();

    /// <summary>Nothing arrives and nobody is told. What was sent meanwhile arrives when the trouble is lifted, as TCP would send it again.</summary>
    public static readonly Trouble BlackHole = new() { Hold = true };

    public bool Hold { get; init; }

    /// <summary>How much later each piece arrives.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>At most so many bytes in a second; null: as they come.</summary>
    public int? BytesPerSecond { get; init; }

    /// <summary>After exactly so many bytes of this connection in this direction, the connection ends in both; null: never.</summary>
    public long? EndAt { get; init; }

    /// <summary>The end is a reset (RST) instead of a close (FIN).</summary>
    public bool Reset { get; init; }

    public static Trouble Late(TimeSpan by) => new() { Delay = by };

    public static Trouble Trickle(int bytesPerSecond) => new() { BytesPerSecond = bytesPerSecond };

    /// <summary>Passes the first <paramref name="bytes"/> bytes, then closes.</summary>
    public static Trouble CutAt(long bytes) => new() { EndAt = bytes };

    /// <summary>Passes the first <paramref name="bytes"/> bytes, then resets.</summary>
    public static Trouble ResetAt(long bytes) => new() { EndAt = bytes, Reset = true };
}
