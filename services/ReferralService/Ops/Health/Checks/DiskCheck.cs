using System.Globalization;

namespace ReferralService.Ops.Health.Checks;

/// <summary>Free space where this process writes.</summary>
internal sealed class DiskCheck(Volumes volumes, TimeProvider clock) : IHealthCheck
{
    private const double MiB = 1 << 20;

    public string Name => "disk";

    public Task<IReadOnlyList<HealthCheckResult>> CheckAsync(CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        return Task.FromResult<IReadOnlyList<HealthCheckResult>>([.. volumes.Look().Select(volume => Of(volume, CheckTime.Since(clock, began)))]);
    }

    public static HealthCheckResult Of(Volume volume, double took)
    {
        var name = $"disk:{volume.Name}";
        var detail = string.Create(CultureInfo.InvariantCulture,
            $"{volume.FreeBytes / MiB:F0} MiB of {volume.TotalBytes / MiB:F0} MiB are free where the {volume.Name} is. Free some, or enlarge the volume.");
        return volume.FreeBytes < HealthThresholds.DiskFullBytes ? new(name, HealthStatus.Failed, took, HealthCodes.DiskFull, detail)
            : volume.FreeBytes < Math.Min(HealthThresholds.DiskLowBytes, volume.TotalBytes * HealthThresholds.DiskLowShare) ? new(name, HealthStatus.Degraded, took, HealthCodes.DiskLow, detail)
            : new(name, HealthStatus.Ok, took);
    }
}
