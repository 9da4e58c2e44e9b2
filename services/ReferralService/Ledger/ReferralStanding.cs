namespace ReferralService.Ledger;

/// <summary>How an open referral that is not held stands: the board's figures lead to lists of exactly those.</summary>
internal enum ReferralStanding
{
    /// <summary>Being worked on, or waiting for its turn with nothing in the way.</summary>
    UnderWay,

    /// <summary>Something was in the way; it is tried again by itself.</summary>
    PutOff,

    /// <summary>An attempt may have landed; the recipient is asked before anything else.</summary>
    Unknown,
}

internal static class ReferralStandings
{
    private const string Open = "state IN ('received', 'gathering', 'packaged', 'delivering')";

    private static readonly string[] Names = ["under-way", "put-off", "unknown"];

    public static string Name(this ReferralStanding standing) => Names[(int)standing];

    public static ReferralStanding? Parse(string name) => Array.IndexOf(Names, name) is >= 0 and var i ? (ReferralStanding)i : null;

    internal static string Condition(this ReferralStanding standing) => standing switch
    {
        ReferralStanding.UnderWay => $"{Open} AND (working OR (NOT outcome_unknown AND error_code IS NULL))",
        ReferralStanding.PutOff => $"{Open} AND NOT working AND NOT outcome_unknown AND error_code IS NOT NULL",
        _ => $"{Open} AND NOT working AND outcome_unknown",
    };
}
