namespace ReferralService.Ops.Health.Checks;

/// <summary>Codes that the detailed health alone knows; those of partners and of the broker are <see cref="Contracts.ReasonCodes"/> and <see cref="BrokerTrouble"/>'s. docs/runbook.md has each.</summary>
internal static class HealthCodes
{
    public const string TimedOut = "check-timed-out";
    public const string CheckFailed = "check-failed";
    public const string NotUsed = "not-used";
    public const string Paused = "paused";
    public const string NotAsked = "not-asked-yet";
    public const string Unreachable = "partner-unreachable";
    public const string BreakerOpen = "breaker-open";
    public const string CertificateEnds = "certificate-ends";
    public const string CertificateEnded = "certificate-ended";
    public const string ClockSkew = "clock-skew";
    public const string OutboxOld = "outbox-old";
    public const string WebhookOld = "webhook-old";
    public const string WebhookNotConfigured = "webhook-not-configured";
    public const string DiskLow = "disk-low";
    public const string DiskFull = "disk-full";
    public const string InClear = "vault-in-clear";

    public static readonly IReadOnlyList<string> All =
    [
        TimedOut, CheckFailed, NotUsed, Paused, NotAsked, Unreachable, BreakerOpen, CertificateEnds, CertificateEnded, ClockSkew, OutboxOld, WebhookOld, WebhookNotConfigured,
        DiskLow, DiskFull, InClear,
    ];
}
