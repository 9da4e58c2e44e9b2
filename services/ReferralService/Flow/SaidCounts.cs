using System.Collections.Concurrent;

namespace ReferralService.Flow;

/// <summary>What the log said last of something that is met again and again until a person mends it, by partner: only another count is news.</summary>
internal sealed class SaidCounts
{
    private readonly ConcurrentDictionary<string, int> _last = new(StringComparer.Ordinal);

    /// <returns>Whether to say it. Never for none, which makes the next one news.</returns>
    public bool IsNews(string partner, int count)
    {
        var before = _last.GetValueOrDefault(partner);
        _last[partner] = count;
        return count > 0 && count != before;
    }
}
