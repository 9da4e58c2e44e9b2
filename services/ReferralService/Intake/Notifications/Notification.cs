using System.Collections.Immutable;
using ReferralService.Ledger;

namespace ReferralService.Intake.Notifications;

/// <summary>What a notification comes to. It is a hint: nothing else in it is used.</summary>
/// <param name="Orders">The orders it names, each once; may be empty.</param>
/// <param name="SweepDue">It tells of news without naming what is new, so the EHR has to be asked.</param>
/// <param name="Source">The kind of hook it came by.</param>
internal sealed record Notification(ImmutableArray<OrderReference> Orders, bool SweepDue, NoticeSource Source)
{
    /// <summary>What it tells of the subscription it came from; of classic R4 ones nothing but that it came.</summary>
    public SubscriptionNews News { get; init; } = SubscriptionNews.Sign;

    /// <summary>A handshake or heartbeat: the line works, there is no news.</summary>
    public static readonly Notification NoNews = new([], SweepDue: false, NoticeSource.Topic);

    /// <summary>News without a name.</summary>
    public static readonly Notification Unnamed = new([], SweepDue: true, NoticeSource.Hook);

    public static Notification Of(OrderReference order) => new([order], SweepDue: false, NoticeSource.Hook);
}
