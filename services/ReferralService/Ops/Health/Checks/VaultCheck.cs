using ReferralService.Contracts;
using ReferralService.Ledger;

namespace ReferralService.Ops.Health.Checks;

/// <summary>Whether packages are stored encrypted, and whether all of them can be read with the keys there are.</summary>
internal sealed class VaultCheck(LedgerOptions ledger) : IHealthCheck
{
    public string Name => "vault";

    public Task<IReadOnlyList<HealthCheckResult>> CheckAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<HealthCheckResult>>(
    [
        ledger.LostKeys.Count > 0
            ? new(Name, HealthStatus.Degraded, 0, ReasonCodes.VaultKeyMissing, $"{ledger.LostKeys.Count} key(s) are given up (Vault:LostKeys); packages under them cannot be read. Put them back into Vault:KeyFile if they turn up.")
            : ledger.Keys.Current is null
                ? new(Name, HealthStatus.Ok, 0, HealthCodes.InClear, "Packages are stored in clear. Set Vault:KeyFile to encrypt them.")
                : new(Name, HealthStatus.Ok, 0),
    ]);
}
