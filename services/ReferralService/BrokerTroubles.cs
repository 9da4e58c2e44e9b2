using System.Collections.Concurrent;

namespace ReferralService;

/// <summary>What this process wants of the broker; each has connections of its own.</summary>
internal enum BrokerUse { Events, Commands, WakeUps }

/// <summary>What stands between this process and the broker now; written by each use, read by health.</summary>
internal sealed class BrokerTroubles
{
    private readonly ConcurrentDictionary<BrokerUse, BrokerTrouble> _now = new();

    /// <summary>Those in trouble, events first. Empty: all is well, or nothing was tried yet.</summary>
    public IReadOnlyList<(BrokerUse Use, BrokerTrouble Trouble)> Now => [.. _now.OrderBy(one => one.Key).Select(one => (one.Key, one.Value))];

    /// <param name="trouble">Null: none any more.</param>
    /// <returns>Whether that is news: it is said in the log then, and not at every try.</returns>
    public bool Tell(BrokerUse use, BrokerTrouble? trouble)
    {
        _now.TryGetValue(use, out var before);
        if (trouble is null)
        {
            _now.TryRemove(use, out _);
        }
        else
        {
            _now[use] = trouble;
        }

        return trouble?.Code != before?.Code;
    }
}
