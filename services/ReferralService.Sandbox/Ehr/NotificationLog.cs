using System.Collections.Concurrent;

namespace ReferralService.Sandbox.Ehr;

/// <summary>A notification that has ended, well or badly.</summary>
/// <param name="Resource">Its key; <c>handshake</c> or <c>heartbeat</c> for those.</param>
/// <param name="Status">Of the last try; 0 when no answer came.</param>
internal sealed record Notification(DateTimeOffset At, string SubscriptionId, string Resource, string Method, int Status, int Tries);

/// <summary>The notifications an EHR sent, in the order they ended.</summary>
internal sealed class NotificationLog
{
    private readonly ConcurrentQueue<Notification> _ended = new();

    public event Action<Notification>? Ended;

    public IReadOnlyList<Notification> All => [.. _ended];

    internal void Add(Notification notification)
    {
        _ended.Enqueue(notification);
        Ended?.Invoke(notification);
    }
}
