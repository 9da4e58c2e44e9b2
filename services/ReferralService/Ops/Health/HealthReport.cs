using System.Text.Json.Serialization;

namespace ReferralService.Ops.Health;

/// <param name="Status">ok, degraded or failed: the worst of the checks.</param>
internal sealed record HealthReport(string Status, IReadOnlyList<HealthCheckResult> Checks)
{
    public static HealthReport Of(params IReadOnlyList<HealthCheckResult> checks)
        => new(checks.Any(check => check.Status == HealthStatus.Failed) ? HealthStatus.Failed
            : checks.Any(check => check.Status == HealthStatus.Degraded) ? HealthStatus.Degraded
            : HealthStatus.Ok, checks);
}

/// <param name="Code">Why it is not ok: a code, never a text from outside. Null when it is.</param>
/// <param name="Detail">What is concerned and what mends it: words of ours.</param>
internal sealed record HealthCheckResult(
    string Name, string Status, double DurationMs, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Code = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Detail = null)
{
    /// <summary>How old the knowledge is, where it was not got by this check itself: a partner's last answer, a certificate's handshake. Null: as old as the check.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? AgeMs { get; init; }
}

internal static class HealthStatus
{
    public const string Ok = "ok";

    /// <summary>Something waits, but this replica does its work.</summary>
    public const string Degraded = "degraded";

    /// <summary>No traffic to this replica.</summary>
    public const string Failed = "failed";
}
