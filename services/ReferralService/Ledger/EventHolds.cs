namespace ReferralService.Ledger;

/// <summary>Which referrals' events are under way to the broker, where one process has the database: kept in memory, because nobody else could read it and a successor begins anew.</summary>
internal sealed class EventHolds(TimeProvider clock) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1);
    private readonly Dictionary<ReferralId, DateTimeOffset> _until = [];

    /// <summary>Takes up to <paramref name="most"/> of what is free.</summary>
    /// <param name="read">Gives of so many that wait, longest waiting first, those that are not held.</param>
    public async Task<IReadOnlyList<OutboxEvent>> TakeAsync(int most, TimeSpan lease, Func<int, Func<ReferralId, bool>, Task<List<OutboxEvent>>> read, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            var now = clock.GetUtcNow();
            foreach (var over in _until.Where(held => held.Value <= now).Select(held => held.Key).ToList())
            {
                _until.Remove(over);
            }

            // What is confirmed meanwhile is free only after this: it cannot be read here and then be taken for free.
            var taken = await read(most + _until.Count, _until.ContainsKey);
            if (taken.Count > most)
            {
                taken.RemoveRange(most, taken.Count - most);
            }

            taken.ForEach(one => _until[one.Referral] = now + lease);
            return taken;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>They are free, now or after a while.</summary>
    public async Task FreeAsync(IEnumerable<OutboxEvent> events, TimeSpan delay)
    {
        await _one.WaitAsync(CancellationToken.None);
        try
        {
            foreach (var one in events)
            {
                _until[one.Referral] = clock.GetUtcNow() + delay;
            }
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>All are free.</summary>
    public async Task ClearAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            _until.Clear();
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();
}
