using ReferralService.Ops.Health.Checks;

namespace ReferralService.Ops.Health;

/// <summary><c>/health/detail</c>: all checks side by side, each with its ceiling; one round serves everybody for five seconds.</summary>
internal sealed partial class DetailedHealth(IEnumerable<IHealthCheck> checks, TimeProvider clock, ILogger<DetailedHealth> logger) : IDisposable
{
    public static readonly TimeSpan Kept = TimeSpan.FromSeconds(5);

    public static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(5);

    private readonly IReadOnlyList<IHealthCheck> _checks = [.. checks];
    private readonly SemaphoreSlim _one = new(1);
    private HealthReport? _last;
    private long _lookedAt;

    public async Task<HealthReport> CheckAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (_last is null || clock.GetElapsedTime(_lookedAt) >= Kept)
            {
                // Not the caller's token: the round serves the next caller too.
                var results = await Task.WhenAll(_checks.Select(LookAsync));
                _last = HealthReport.Of([.. results.SelectMany(result => result)]);
                _lookedAt = clock.GetTimestamp();
            }

            return _last;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    /// <summary>A check that hangs or fails is told as one that could not be made: the others are not kept from being read.</summary>
    private async Task<IReadOnlyList<HealthCheckResult>> LookAsync(IHealthCheck check)
    {
        var began = clock.GetTimestamp();
        using var ceiling = new CancellationTokenSource(Ceiling, clock);
        try
        {
            return await Task.Run(() => check.CheckAsync(ceiling.Token), CancellationToken.None).WaitAsync(Ceiling, clock, CancellationToken.None);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            return [new(check.Name, HealthStatus.Degraded, CheckTime.Since(clock, began), HealthCodes.TimedOut, "It could not be told within 5 seconds; look again.")];
        }
        catch (Exception e)
        {
            Log.Failed(logger, check.Name, e.GetType().Name, e.StackTrace);
            return [new(check.Name, HealthStatus.Degraded, CheckTime.Since(clock, began), HealthCodes.CheckFailed, "The check itself failed, a fault of the program: report it with the log (event 9011).")];
        }
    }

    private static partial class Log
    {
        [LoggerMessage(9011, LogLevel.Error, "Health check {Check} failed with {ExceptionType}\n{StackTrace}")]
        public static partial void Failed(ILogger logger, string check, string exceptionType, string? stackTrace);
    }
}
