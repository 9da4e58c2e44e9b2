namespace ReferralService.Ops.Pages.Partners;

/// <summary>A partner as its page shows it.</summary>
/// <param name="Kind">ehr or recipient.</param>
/// <param name="Waiting">How many open referrals wait on its side.</param>
/// <param name="Learned">What makes sending again harmless there, in the words of the settings; null of an EHR, and before it was found.</param>
/// <param name="Form">As configured.</param>
/// <param name="Subscription">Kind and state of it; null where none is kept.</param>
/// <param name="SubscriptionCode">Why it does not work.</param>
/// <param name="CertificateEnds">Null where it speaks without TLS, and before the first handshake.</param>
/// <param name="Minutes">The last hour at this replica, the oldest first; empty before the first exchange.</param>
public sealed record PartnerView(
    string Name, string Kind, bool? Reachable, DateTimeOffset? LastSuccess, string Breaker, bool Paused, bool Configured, int Waiting, DateTimeOffset? OldestWaiting,
    string? Learned, string? Form, string? Subscription, string? SubscriptionCode, DateTimeOffset? CertificateEnds, TimeSpan? ClockSkew, IReadOnlyList<PartnerMinuteView> Minutes)
{
    public bool IsEhr => Kind == "ehr";
}

/// <param name="Mean">Of the times to the head of an answer, in milliseconds; 0 when there was none.</param>
public sealed record PartnerMinuteView(int Good, int Bad, double Mean);
