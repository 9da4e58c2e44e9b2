using ReferralService.Ledger;

namespace ReferralService.Flow;

/// <summary>Renews a step's lease while it works, and cancels the step when the lease is lost.</summary>
internal sealed class LeaseKeeper : IAsyncDisposable
{
    private readonly CancellationTokenSource _lost;
    private readonly CancellationTokenSource _done = new();
    private readonly Task _renewing;

    public LeaseKeeper(ReferralBook book, Referral held, TimeSpan lease, TimeProvider clock, CancellationToken cancellationToken)
    {
        _lost = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _renewing = RenewAsync(book, held, lease, clock);
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

    private async Task RenewAsync(ReferralBook book, Referral held, TimeSpan lease, TimeProvider clock)
    {
        var until = clock.GetUtcNow() + lease;
        try
        {
            while (true)
            {
                await Task.Delay(lease / 3, clock, _done.Token);
                try
                {
                    if (!await book.RenewAsync(held.Id, held.Fence, lease, _done.Token))
                    {
                        await _lost.CancelAsync();
                        return;
                    }

                    until = clock.GetUtcNow() + lease;
                }
                catch (LedgerUnavailableException) when (clock.GetUtcNow() < until)
                {
                    // Still within the lease: try again at the next turn.
                    continue;
                }
                catch (LedgerUnavailableException)
                {
                    await _lost.CancelAsync();
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (_done.IsCancellationRequested)
        {
            // The step is over.
        }
    }
}
