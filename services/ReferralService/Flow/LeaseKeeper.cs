using ReferralService.Ledger;

namespace ReferralService.Flow;

/// <summary>Renews a lease while its holder works, and cancels the work when the lease is lost, or can no longer be sure to hold.</summary>
internal sealed partial class LeaseKeeper : IAsyncDisposable
{
    private readonly CancellationTokenSource _lost;
    private readonly CancellationTokenSource _done = new();
    private readonly Task _renewing;

    /// <param name="renew">Makes the lease hold for <paramref name="lease"/> from now on; false: somebody else has it.</param>
    public LeaseKeeper(Func<CancellationToken, Task<bool>> renew, TimeSpan lease, TimeProvider clock, ILogger log, CancellationToken cancellationToken)
    {
        _lost = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _renewing = RenewAsync(renew, lease, clock, log);
    }

    public LeaseKeeper(ReferralBook book, Referral held, TimeSpan lease, TimeProvider clock, ILogger log, CancellationToken cancellationToken)
        : this(token => book.RenewAsync(held.Id, held.Fence, lease, token), lease, clock, log, cancellationToken)
    {
    }

    /// <summary>Cancelled when the lease is lost or the process stops.</summary>
    public CancellationToken Token => _lost.Token;

    public async ValueTask DisposeAsync()
    {
        await _done.CancelAsync();
        await _renewing;
        _done.Dispose();
        _lost.Dispose();
    }

    private async Task RenewAsync(Func<CancellationToken, Task<bool>> renew, TimeSpan lease, TimeProvider clock, ILogger log)
    {
        var until = clock.GetUtcNow() + lease;
        while (!_done.IsCancellationRequested)
        {
            await Task.Delay(lease / 3, clock, _done.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_done.IsCancellationRequested)
            {
                return;
            }

            // From before the question: the answer may have taken long.
            var asked = clock.GetUtcNow();
            try
            {
                // A ledger that does not answer at all must not outlast the lease either. One turn it always has: this process may have been stopped, and nobody taken the lease.
                var left = until - asked;
                if (!await renew(_done.Token).WaitAsync(left > lease / 3 ? left : lease / 3, clock, _done.Token))
                {
                    await _lost.CancelAsync();
                    return;
                }

                until = asked + lease;
            }
            catch (OperationCanceledException) when (_done.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                // Whatever it was: within the lease it is tried at the next turn, after it the work may be somebody else's.
                bool over = clock.GetUtcNow() >= until;
                Log.NotRenewed(log, failure is LedgerUnavailableException gone ? gone.Code : failure.GetType().Name, over ? "what was done under it is given up" : "tried again");
                if (over)
                {
                    await _lost.CancelAsync();
                    return;
                }
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(8320, LogLevel.Warning, "A lease could not be renewed ({Code}); {Then}")]
        public static partial void NotRenewed(ILogger log, string code, string then);
    }
}
