namespace ReferralService.Ops.Health.Checks;

/// <summary>Whether the ledger takes a write and gives it back, as <c>/health/ready</c> asks, and whether this process is ending.</summary>
internal sealed class LedgerCheck(Readiness readiness) : IHealthCheck
{
    public string Name => "ledger";

    public async Task<IReadOnlyList<HealthCheckResult>> CheckAsync(CancellationToken cancellationToken) => [readiness.Draining(), await readiness.LedgerAsync(cancellationToken)];
}
