namespace ReferralService.Gathering.Plans;

/// <summary>How far back an item reaches. Closed.</summary>
internal abstract record LookBack
{
    private LookBack() { }

    public sealed record Unlimited : LookBack;

    /// <summary>Everything since the diagnosis; without a known date of diagnosis, everything: rather too much than half a series.</summary>
    public sealed record SinceDiagnosis : LookBack;

    public sealed record Window(CalendarPeriod Period) : LookBack;

    /// <summary>Null: without limit. A window begins with a whole day of UTC, as it is asked of servers.</summary>
    /// <param name="diagnosed">The earliest that the date of diagnosis may mean; null when it is not known.</param>
    public DateTimeOffset? NotBefore(DateTimeOffset now, DateTimeOffset? diagnosed) => this switch
    {
        Window(var period) => new DateTimeOffset(period.Before(now).UtcDateTime.Date, TimeSpan.Zero),
        SinceDiagnosis => diagnosed,
        _ => null,
    };
}
