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

    /// <summary>What is poison already is not run any more.</summary>
    public static bool RunsAlone(int crashes) => crashes is >= AloneFrom and < PoisonFrom;

    public static bool IsPoison(int crashes) => crashes >= PoisonFrom;

    /// <summary>How long a suspect still waits in a process that has lived for <paramref name="uptime"/>; null: it may run, or be called poison.</summary>
    /// <param name="first">Until when it waits the first time (Flow:SuspectAfter); the second time twice, the third four times as long.</param>
    public static TimeSpan? Wait(int crashes, TimeSpan uptime, TimeSpan first)
    {
        if (!RunsAlone(crashes))
        {
            return null;
        }

        var wanted = first * Math.Pow(2, crashes - AloneFrom);
        return uptime < wanted ? wanted - uptime : null;
    }
}
