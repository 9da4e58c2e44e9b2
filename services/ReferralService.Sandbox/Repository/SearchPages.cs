using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace ReferralService.Sandbox.Repository;

/// <summary>The rest of a search, as it stood when the search was made.</summary>
internal sealed record PendingSearch(string SelfLink, IReadOnlyList<StoredResource> Found, int From, int Count, IReadOnlyList<string>? Elements);

/// <summary>Hands out a token for the next page; a token may be asked for any number of times until it is forgotten.</summary>
internal sealed class SearchPages
{
    private const int Kept = 10_000;
    private readonly ConcurrentDictionary<string, PendingSearch> _pages = new();
    private readonly ConcurrentQueue<string> _order = new();

    public string Keep(PendingSearch rest)
    {
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        _pages[token] = rest;
        _order.Enqueue(token);
        while (_order.Count > Kept && _order.TryDequeue(out var oldest)) _pages.TryRemove(oldest, out _);
        return token;
    }

    public PendingSearch? Find(string token) => _pages.GetValueOrDefault(token);

    /// <summary>As a server that expires its paging state: every next link given so far answers 410.</summary>
    public void Forget() => _pages.Clear();
}
