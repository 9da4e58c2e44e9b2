using System.Collections.Immutable;

namespace ReferralService.Ledger;

/// <summary>What a hook tells of the subscription it came from.</summary>
/// <param name="ResourceId">Logical id of the Subscription at the EHR; null when the hook does not say.</param>
/// <param name="Status">As the hook tells it.</param>
/// <param name="Events">Numbers of the events it carries, ascending.</param>
/// <param name="Total">Events since the subscription began, told or not (events-since-subscription-start).</param>
/// <param name="At">The EHR's own instant of it: of the newest event, else of the notification.</param>
internal sealed record SubscriptionNews(string? ResourceId, string? Status, ImmutableArray<long> Events, long? Total, DateTimeOffset? At)
{
    /// <summary>A classic R4 hook: it came, that is all.</summary>
    public static readonly SubscriptionNews Sign = new(null, null, [], null, null);

    /// <summary>The highest number it knows of.</summary>
    public long? Highest => Events.Length == 0 ? Total : Total is { } total && total > Events[^1] ? total : Events[^1];

    public bool IsStopped => Status is "error" or "off";
}

/// <summary>How far the events of a topic subscription have been heard of. Pure: events are numbered from 1 without holes, so a hole is a lost hook.</summary>
/// <param name="Seen">Every event up to this one was heard of or asked for; null before the first hook of a subscription that was found, not made.</param>
/// <param name="Told">The highest number told.</param>
/// <param name="ToldAt">The EHR's instant of the newest hook heard.</param>
/// <param name="GapAt">Since when numbers have been missing without any of them coming; null when none is.</param>
/// <param name="BeganAt">The EHR's instant of the hook by which its numbers were seen to begin again; null when they never did.</param>
internal readonly record struct SubscriptionCount(long? Seen, long? Told, DateTimeOffset? ToldAt, DateTimeOffset? GapAt, DateTimeOffset? BeganAt = null)
{
    /// <returns>What is known now, and whether the numbers began again: what was lost before can then no longer be told from numbers.</returns>
    public (SubscriptionCount Now, bool BeganAgain) Hear(SubscriptionNews news, DateTimeOffset now)
    {
        if (news.Highest is not { } highest) return (this, false);
        // Of the count before: its number, mostly higher, would look like a gap up to it. (One of the count that is now loses nothing either:
        // its orders are noticed like any other's, and the next number shows the gap.)
        if (news.At < BeganAt) return (this, false);
        var at = Later(news.At, ToldAt);
        if (Seen is not { } seen) return (new SubscriptionCount(highest, highest, at, null), false);
        if (highest < seen)
        {
            // Either an old hook that comes late, or a server that lost its count (HAPI keeps it in memory). The EHR's clock tells.
            bool late = news.At is { } told && ToldAt is { } last && told <= last;
            return late ? (this, false) : (new SubscriptionCount(highest, highest, at, null, news.At), true);
        }

        long next = seen;
        foreach (long number in news.Events)
        {
            if (number == next + 1) next = number;
        }

        long most = Told is { } before && before > highest ? before : highest;
        return (new SubscriptionCount(next, most, at, most == next ? null : next > seen ? now : GapAt ?? now, BeganAt), false);
    }

    private static DateTimeOffset? Later(DateTimeOffset? a, DateTimeOffset? b) => a is null || b > a ? b : a;
}
