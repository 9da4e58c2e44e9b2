namespace ReferralService.Ledger;

/// <summary>Instants as both databases keep them: whole microseconds since 1970 in UTC.</summary>
internal static class Instants
{
    public static long ToMicroseconds(DateTimeOffset instant)
        => (instant.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset FromMicroseconds(long microseconds) => DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);

    /// <summary>The instant as it will be read back.</summary>
    public static DateTimeOffset AsStored(this DateTimeOffset instant) => FromMicroseconds(ToMicroseconds(instant));

    public static DateTimeOffset? AsStored(this DateTimeOffset? instant) => instant?.AsStored();
}
