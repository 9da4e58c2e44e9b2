using ReferralService.Contracts;
using ReferralService.Ledger;
using ReferralService.Ops.Health.Checks;

namespace ReferralService.Ops.Health;

/// <summary>Whether this replica can take work: the ledger can be written and the process is not ending.</summary>
/// <remarks>A consultant, an EHR or the broker being down does not make a replica unready: it stores and forwards, and another replica could do no better.</remarks>
internal sealed partial class Readiness(
    LedgerDatabase ledger, BrokerCheck broker, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<Readiness> logger) : IDisposable
{
    /// <summary>How long an answer of the ledger serves: probes of many balancers must not become a load of writes.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LedgerCeiling = TimeSpan.FromSeconds(3);

    private readonly SemaphoreSlim _one = new(1);
    private volatile HealthCheckResult? _ledger;
    private long _checkedAt;

    /// <summary>As it was found last; false before that.</summary>
    public bool LedgerTakesWrites => _ledger is { Status: HealthStatus.Ok };

    public async Task<HealthReport> CheckAsync(CancellationToken cancellationToken)
        => HealthReport.Of(Draining(), await LedgerAsync(cancellationToken), broker.Look());

    public void Dispose() => _one.Dispose();

    public HealthCheckResult Draining() => lifetime.ApplicationStopping.IsCancellationRequested
        ? new("process", HealthStatus.Failed, 0, ReasonCodes.Draining)
        : new("process", HealthStatus.Ok, 0);

    public async Task<HealthCheckResult> LedgerAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (_ledger is null || clock.GetElapsedTime(_checkedAt) >= Kept)
            {
                _ledger = await AskLedgerAsync();
                _checkedAt = clock.GetTimestamp();
            }

            return _ledger;
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task<HealthCheckResult> AskLedgerAsync()
    {
        var began = clock.GetTimestamp();
        try
        {
            // Not the caller's token: the answer serves the next caller too.
            using var ceiling = new CancellationTokenSource(LedgerCeiling, clock);
            await ledger.CheckWritableAsync(ceiling.Token).WaitAsync(LedgerCeiling, clock, CancellationToken.None);
            return new("ledger", HealthStatus.Ok, Since(began));
        }
        catch (LedgerUnavailableException e)
        {
            Log.LedgerFailed(logger, e.Code);
            return new("ledger", HealthStatus.Failed, Since(began), e.Code);
        }
        catch (Exception e)
        {
            Log.LedgerFailed(logger, e.GetType().Name);
            return new("ledger", HealthStatus.Failed, Since(began), ReasonCodes.LedgerUnavailable);
        }
    }

    private double Since(long began) => Math.Round(clock.GetElapsedTime(began).TotalMilliseconds, 3);

    private static partial class Log
    {
        [LoggerMessage(9010, LogLevel.Warning, "Not ready: the ledger's check failed, {Code}")]
        public static partial void LedgerFailed(ILogger logger, string code);
    }
}
