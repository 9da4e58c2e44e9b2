namespace ReferralService;

/// <summary>One minute's exchanges with a partner.</summary>
/// <param name="Minute">Whole minutes since 1970.</param>
/// <param name="Good">Answers that were of use, the partner's refusals included.</param>
/// <param name="Bad">No answer, or one of 5xx.</param>
/// <param name="Longest">From a request to the head of its answer.</param>
internal readonly record struct PartnerMinute(long Minute, int Good, int Bad, TimeSpan Total, TimeSpan Longest)
{
    public int Count => Good + Bad;

    /// <summary>Null when there was none.</summary>
    public TimeSpan? Mean => Count == 0 ? null : Total / Count;
}

/// <summary>The exchanges of the last hour with one partner, minute by minute. Of this process only, and of bounded size.</summary>
internal sealed class PartnerMinutes
{
    public const int Kept = 60;

    private readonly Lock _gate = new();
    private readonly PartnerMinute[] _ring = new PartnerMinute[Kept];

    public void Add(bool good, TimeSpan took, DateTimeOffset at)
    {
        var minute = at.ToUnixTimeSeconds() / 60;
        lock (_gate)
        {
            ref var slot = ref _ring[minute % Kept];
            var kept = slot.Minute == minute ? slot : new PartnerMinute(minute, 0, 0, TimeSpan.Zero, TimeSpan.Zero);
            slot = new(minute, kept.Good + (good ? 1 : 0), kept.Bad + (good ? 0 : 1), kept.Total + took, took > kept.Longest ? took : kept.Longest);
        }
    }

    /// <summary>The last hour's minutes, the oldest first; those without exchanges too.</summary>
    public IReadOnlyList<PartnerMinute> LastHour(DateTimeOffset now)
    {
        var last = now.ToUnixTimeSeconds() / 60;
        lock (_gate)
        {
            return [.. Enumerable.Range(0, Kept).Select(n => last - Kept + 1 + n).Select(minute => _ring[minute % Kept] is var slot && slot.Minute == minute ? slot : new(minute, 0, 0, TimeSpan.Zero, TimeSpan.Zero))];
        }
    }
}
