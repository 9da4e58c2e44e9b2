using ReferralService.Ledger;

namespace ReferralService.Flow;

/// <summary>Renews a lease while its holder works, and cancels the work when the lease is lost, or can no longer be sure to hold.</summary>
internal sealed partial class LeaseKeeper : IAsyncDisposable
{
    private readonly CancellationTokenSource _lost;
    private readonly CancellationTokenSource _done = new();
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly Task _renewing;
    private long _until;

    /// <param name="renew">Makes the lease hold for <paramref name="lease"/> from now on; false: somebody else has it.</param>
    public LeaseKeeper(Func<CancellationToken, Task<bool>> renew, TimeSpan lease, TimeProvider clock, ILogger log, CancellationToken cancellationToken)
    {
        (_clock, _log) = (clock, log);
        _until = (clock.GetUtcNow() + lease).UtcTicks;
        _lost = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _renewing = RenewAsync(renew, lease);
    }

    public LeaseKeeper(ReferralBook book, Referral held, TimeSpan lease, TimeProvider clock, ILogger log, CancellationToken cancellationToken)
        : this(token => book.RenewAsync(held.Id, held.Fence, lease, token), lease, clock, log, cancellationToken)
    {
    }

    /// <summary>Cancelled when the lease is lost or the process stops.</summary>
    public CancellationToken Token => _lost.Token;

    /// <summary>Past this instant the lease may be another's.</summary>
    public bool MayBeOver => _clock.GetUtcNow().UtcTicks >= Interlocked.Read(ref _until);

    /// <summary>The holder has taken the lease for longer than renewals do: a ledger that is away takes nothing from it before then.</summary>
    public void HoldsUntil(DateTimeOffset until)
    {
        long known;
        while ((known = Interlocked.Read(ref _until)) < until.UtcTicks && Interlocked.CompareExchange(ref _until, until.UtcTicks, known) != known)
        {
        }
    }

    public async ValueTask DisposeAsync()
    {
        await CancelAsync(_done);
        await _renewing;
        _done.Dispose();
        _lost.Dispose();
    }

    private async Task RenewAsync(Func<CancellationToken, Task<bool>> renew, TimeSpan lease)
    {
        var turn = lease / 3;
        while (!_done.IsCancellationRequested)
        {
            await Task.Delay(turn, _clock, _done.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_done.IsCancellationRequested)
            {
                return;
            }

            // From before the question: the answer may have taken long.
            var asked = _clock.GetUtcNow();
            try
            {
                // A ledger that does not answer at all must not outlast the lease either. One turn it always has: this process may have been stopped, and nobody taken the lease.
                var left = new TimeSpan(Math.Clamp(Interlocked.Read(ref _until) - asked.UtcTicks, turn.Ticks, lease.Ticks));
                if (!await renew(_done.Token).WaitAsync(left, _clock, _done.Token))
                {
                    await CancelAsync(_lost);
                    return;
                }

                HoldsUntil(asked + lease);
            }
            catch (OperationCanceledException) when (_done.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                // Whatever it was: within the lease it is tried at the next turn, after it the work may be somebody else's.
                var over = MayBeOver;
                Log.NotRenewed(_log, failure is LedgerUnavailableException gone ? gone.Code : failure.GetType().Name, over ? "what was done under it is given up" : "tried again");
                if (over)
                {
                    await CancelAsync(_lost);
                    return;
                }
            }
        }
    }

    /// <summary>All are told, whatever one of them throws: how the step ended is the step's own.</summary>
    private async Task CancelAsync(CancellationTokenSource told)
    {
        try
        {
            await told.CancelAsync();
        }
        catch (AggregateException failure)
        {
            Log.Threw(_log, failure.InnerExceptions[0].GetType().Name);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(8320, LogLevel.Warning, "A lease could not be renewed ({Code}); {Then}")]
        public static partial void NotRenewed(ILogger log, string code, string then);

        [LoggerMessage(8321, LogLevel.Error, "Work that was told to end answered with {ExceptionType}")]
        public static partial void Threw(ILogger log, string exceptionType);
    }
}
