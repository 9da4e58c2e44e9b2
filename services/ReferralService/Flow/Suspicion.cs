namespace ReferralService.Flow;

/// <summary>What lost leases say of a referral. Pure.</summary>
/// <remarks>
/// A process that is killed from outside loses every lease it holds: that must not condemn the referrals that were only in flight. So from three
/// crashes on a step runs alone, and only in a process that has lived a while: one that is killed again and again from outside never gets there,
/// one that the step itself ends does. Three further deaths alone are poison.
/// </remarks>
internal static class Suspicion
{
    private const int AloneFrom = 3;

    private const int PoisonFrom = 6;

    public static bool RunsAlone(int crashes) => crashes >= AloneFrom;

    public static bool IsPoison(int crashes) => crashes >= PoisonFrom;

    /// <summary>How long a suspect still waits in a process that has lived for <paramref name="uptime"/>: until 5, 10, 20 s. Null: it may run (or be called poison).</summary>
    public static TimeSpan? Wait(int crashes, TimeSpan uptime)
    {
        if (!RunsAlone(crashes))
        {
            return null;
        }

        var wanted = TimeSpan.FromSeconds(5 * Math.Pow(2, Math.Min(crashes, PoisonFrom) - AloneFrom));
        return uptime < wanted ? wanted - uptime : null;
    }
}
