namespace ReferralService.Ops.Health.Checks;

/// <summary>From where on something is not as it should be: docs/interfaces.md lists these, and the alert rules of deploy/dashboards have the same.</summary>
internal static class HealthThresholds
{
    /// <summary>Events that wait longer are late for whoever listens.</summary>
    public static readonly TimeSpan OutboxAge = TimeSpan.FromMinutes(5);

    /// <summary>Time enough for a partner's people to have a certificate renewed.</summary>
    public static readonly TimeSpan CertificateLeft = TimeSpan.FromDays(30);

    /// <summary>Of a partner: sweeps allow for it, but signatures, leases and what people read beside each other do not.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);

    /// <summary>Of the database, whose clock measures the leases of all replicas.</summary>
    public static readonly TimeSpan DatabaseClockSkew = TimeSpan.FromSeconds(5);

    /// <summary>A partner that nobody has talked to for so long is asked for its /metadata, and no more often.</summary>
    public static readonly TimeSpan ContactAge = TimeSpan.FromMinutes(5);

    public const long DiskLowBytes = 1L << 30;

    public const long DiskFullBytes = 128L << 20;

    public const double DiskLowShare = 0.1;
}
