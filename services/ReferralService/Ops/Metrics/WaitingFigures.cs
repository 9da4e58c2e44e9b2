using ReferralService.Ledger;

namespace ReferralService.Ops.Metrics;

/// <summary>What waits, as the ledger said last.</summary>
internal sealed record Waiting(LedgerFigures Figures, OldestWaiting Oldest, IReadOnlyDictionary<string, DateTimeOffset> Paused);

/// <summary>Asks the ledger what waits, for metrics and health together: once in five seconds at most, however often it is wanted, and one question at a time.
/// With so much waiting that asking takes long, less often: it is a twentieth of the time at most.</summary>
internal sealed class WaitingFigures(LedgerFigureBook figures, ReferralBook referrals, PartnerPauses pauses, TimeProvider clock) : IDisposable
{
    public static readonly TimeSpan Kept = TimeSpan.FromSeconds(5);

    private const int Share = 20;

    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(3);

    private readonly SemaphoreSlim _one = new(1);
    private long _askedAt;
    private TimeSpan _keep = TimeSpan.Zero;
    private volatile Waiting? _last;

    /// <summary>What was told last; null: nothing yet, or the ledger is away.</summary>
    public Waiting? Last => _last;

    /// <returns>Null: the ledger does not answer.</returns>
    public async Task<Waiting?> ReadAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (_keep == TimeSpan.Zero || clock.GetElapsedTime(_askedAt) >= _keep)
            {
                var began = clock.GetTimestamp();
                _last = await AskAsync();
                _askedAt = clock.GetTimestamp();
                _keep = clock.GetElapsedTime(began) * Share is var longer && longer > Kept ? longer : Kept;
            }

            return _last;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private async Task<Waiting?> AskAsync()
    {
        // Not the caller's token: the answer serves the next caller too.
        using var ceiling = new CancellationTokenSource(Ceiling, clock);
        try
        {
            return await ReadAllAsync(ceiling.Token).WaitAsync(Ceiling, clock, CancellationToken.None);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            // A look that takes too long says nothing of the ledger: what was told before it still does.
            return _last;
        }
        catch (LedgerUnavailableException)
        {
            // Readiness says so in the log.
            return null;
        }
    }

    private async Task<Waiting> ReadAllAsync(CancellationToken cancellationToken) => new(
        await figures.ReadAsync(cancellationToken), await referrals.OldestWaitingAsync(cancellationToken), await pauses.AllAsync(cancellationToken));
}
