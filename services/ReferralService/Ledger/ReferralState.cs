namespace ReferralService.Ledger;

/// <summary>The states of interfaces §5, delivery part. There are no others.</summary>
internal enum ReferralState { Received, Gathering, Packaged, Delivering, Delivered, Held, Failed, Cancelled }

internal static class ReferralStates
{
    private static readonly string[] Names = ["received", "gathering", "packaged", "delivering", "delivered", "held", "failed", "cancelled"];

    /// <summary>The state's public name, as in events and answers.</summary>
    public static string Name(this ReferralState state) => Names[(int)state];

    public static ReferralState? Parse(string name) => Array.IndexOf(Names, name) is >= 0 and var i ? (ReferralState)i : null;

    /// <summary>Nothing more happens by itself.</summary>
    public static bool IsResting(this ReferralState state) => state is ReferralState.Delivered or ReferralState.Held or ReferralState.Failed or ReferralState.Cancelled;
}
