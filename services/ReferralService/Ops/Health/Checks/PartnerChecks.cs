using System.Globalization;
using ReferralService.Intake;
using ReferralService.Ops.Metrics;
using ReferralService.RecipientDirectory;

namespace ReferralService.Ops.Health.Checks;

/// <summary>Each EHR and each recipient: whether it answers, when its certificate ends, what its clock says. From what the work with it has shown; one that nobody has talked to for a while is asked.</summary>
internal sealed class PartnerChecks(EhrRegistry ehrs, RecipientRegistry recipients, PartnerContacts contacts, PartnerLook look, WaitingFigures waiting, TimeProvider clock) : IHealthCheck
{
    public string Name => "partners";

    public async Task<IReadOnlyList<HealthCheckResult>> CheckAsync(CancellationToken cancellationToken)
    {
        var paused = (await waiting.ReadAsync(cancellationToken))?.Paused;
        var all = ehrs.All.Select(ehr => CheckAsync(PartnerKind.Ehr, "ehr", ehr.Name, paused, cancellationToken))
            .Concat(recipients.All.Select(recipient => CheckAsync(PartnerKind.Recipient, "recipient", recipient.Name, paused, cancellationToken)));
        return [.. (await Task.WhenAll(all)).SelectMany(results => results)];
    }

    private async Task<IReadOnlyList<HealthCheckResult>> CheckAsync(
        PartnerKind kind, string side, string name, IReadOnlyDictionary<string, DateTimeOffset>? paused, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        var (key, isPaused) = ($"{side}:{name}", paused?.ContainsKey($"{side}:{name}"));
        // Who may be paused is not asked: the ledger cannot be read to tell.
        if (isPaused == false) await look.IfSilentAsync(kind, name, cancellationToken);
        var contact = contacts.Of(kind, name);
        var took = CheckTime.Since(clock, began);
        var results = new List<HealthCheckResult> { Contact(key, contact, isPaused == true, took) with { AgeMs = CheckTime.Age(clock, Latest(contact)) } };
        if (contact.CertificateEnds is { } ends) results.Add(Certificate($"certificate:{key}", ends - clock.GetUtcNow()) with { AgeMs = CheckTime.Age(clock, contact.CertificateSeen) });
        if (contact.ClockSkew is { } skew) results.Add(Clock($"clock:{key}", skew) with { AgeMs = CheckTime.Age(clock, contact.ClockSeen) });
        return results;
    }

    private static DateTimeOffset? Latest(PartnerContact contact) => contact switch
    {
        { LastSuccess: { } success, LastFailure: { } failure } => success > failure ? success : failure,
        _ => contact.LastSuccess ?? contact.LastFailure,
    };

    private static HealthCheckResult Contact(string name, PartnerContact contact, bool paused, double took)
        => paused ? new(name, HealthStatus.Ok, took, HealthCodes.Paused, "Paused by hand: what is for it waits until it is resumed.")
            : contact.Breaker == BreakerState.Open ? new(name, HealthStatus.Degraded, took, HealthCodes.BreakerOpen, "It failed again and again and is left alone for some seconds; what is for it waits. See that it works; doctor says what is wrong.")
            : contact.Reachable switch
            {
                null => new(name, HealthStatus.Ok, took, HealthCodes.NotAsked, "Nobody has talked to it yet."),
                false => new(name, HealthStatus.Degraded, took, HealthCodes.Unreachable, "It could not be reached, or did not work, when it was asked last; it is tried again by itself. See that it runs and that its address is right; doctor says what is wrong."),
                true => new(name, HealthStatus.Ok, took),
            };

    internal static HealthCheckResult Certificate(string name, TimeSpan left)
        => left <= TimeSpan.Zero ? new(name, HealthStatus.Degraded, 0, HealthCodes.CertificateEnded, "The certificate that it showed last has ended. Have it renewed.")
            : left < HealthThresholds.CertificateLeft
                ? new(name, HealthStatus.Degraded, 0, HealthCodes.CertificateEnds, string.Create(CultureInfo.InvariantCulture, $"Its certificate ends in {left.TotalDays:F0} days. Have it renewed."))
                : new(name, HealthStatus.Ok, 0);

    internal static HealthCheckResult Clock(string name, TimeSpan skew)
        => skew.Duration() <= HealthThresholds.ClockSkew
            ? new(name, HealthStatus.Ok, 0)
            : new(name, HealthStatus.Degraded, 0, HealthCodes.ClockSkew, string.Create(CultureInfo.InvariantCulture, $"Its clock differs from ours by {skew.TotalSeconds:F0} s. Find out which is wrong, and let both keep time by NTP."));
}
