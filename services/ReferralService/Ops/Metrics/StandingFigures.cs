using System.Diagnostics.Metrics;
using ReferralService.Intake;
using ReferralService.Ledger;
using ReferralService.Ops.Health;
using ReferralService.RecipientDirectory;
using ReferralService.Status.Webhooks;

namespace ReferralService.Ops.Metrics;

/// <summary>Figures that stand rather than happen: what waits in the ledger, how each partner stands with this process, disk space, readiness. Told as they were known last; <see cref="WaitingFigures"/> brings them up to date.</summary>
internal sealed class StandingFigures : IDisposable
{
    private readonly WaitingFigures _waiting;
    private readonly PartnerContacts _contacts;
    private readonly TimeProvider _clock;
    private readonly (string Side, PartnerKind Kind, string Name)[] _partners;
    private readonly Volumes _volumes;
    private readonly WebhookStandings _webhooks;

    public StandingFigures(
        WaitingFigures waiting, PartnerContacts contacts, EhrRegistry ehrs, RecipientRegistry recipients, Volumes volumes, WebhookStandings webhooks,
        Readiness readiness, IHostApplicationLifetime lifetime, TimeProvider clock)
    {
        (_waiting, _contacts, _volumes, _webhooks, _clock) = (waiting, contacts, volumes, webhooks, clock);
        _partners =
        [
            .. ehrs.All.Select(ehr => ("ehr", PartnerKind.Ehr, ehr.Name)),
            .. recipients.All.Select(recipient => ("recipient", PartnerKind.Recipient, recipient.Name)),
        ];
        Gauge("referrals_open", "Referrals that are neither delivered, failed nor cancelled, by state.", Open);
        Gauge("referral_oldest_open_seconds", "How long the oldest referral that is neither finished nor held has waited for a partner; 0: none waits.", OldestOpen);
        Gauge("outbox_events", "Status events that the broker has not confirmed.", () => Of(w => w.Figures.Outbox.Count));
        Gauge("outbox_age_seconds", "How long the oldest of them has waited.", () => Of(w => w.Figures.Outbox.Oldest is { } oldest ? Age(oldest) : 0));
        Gauge("webhook_events", "Status events that a webhook's receiver is still to take.", () => Webhooks(backlog => backlog.Waiting));
        Gauge("webhook_age_seconds", "How long the oldest of them has waited.", () => Webhooks(backlog => backlog.Oldest is { } oldest ? Age(oldest) : 0));
        Gauge("webhook_given_up_events", "Status events that a webhook's receiver refused for so long that they are not tried any more, and kept.", () => Webhooks(backlog => backlog.GivenUp));
        Gauge("ledger_up", "Whether the ledger took a write when readiness asked it last.", () => [new(readiness.LedgerTakesWrites ? 1 : 0)]);
        Gauge("ready", "Whether this replica takes work: 0 while it ends.", () => [new(lifetime.ApplicationStopping.IsCancellationRequested ? 0 : 1)]);
        Gauge("partner_breaker_open", "Circuit breaker of a partner: 1 open, 0.5 on trial, 0 closed.", () => Partners(Breaker));
        Gauge("partner_paused", "Whether a partner is paused by hand.", () => _waiting.Last is { } now ? Partners((side, name, _) => now.Paused.ContainsKey($"{side}:{name}") ? 1 : 0) : []);
        Gauge("partner_last_success_seconds", "How long ago a partner answered this process last.", () => Partners((_, _, contact) => contact.LastSuccess is { } at ? Age(at) : null));
        Gauge("partner_certificate_seconds", "How long the certificate that a partner showed last is still valid; negative: it has ended.",
            () => Partners((_, _, contact) => contact.CertificateEnds is { } ends && IsSeen(contact.CertificateSeen) ? (ends - _clock.GetUtcNow()).TotalSeconds : null));
        Gauge("partner_clock_skew_seconds", "A partner's clock less ours.", () => Partners((_, _, contact) => IsSeen(contact.ClockSeen) ? contact.ClockSkew?.TotalSeconds : null));
        Gauge("sweep_interval_seconds", "How often an EHR's orders are swept; 0: only at the start and when a hook asks for it.",
            () => ehrs.All.Select(ehr => new Measurement<double>(ehr.PollInterval.TotalSeconds, new KeyValuePair<string, object?>("ehr", ehr.Name))));
        Gauge("disk_free_bytes", "Free space where the ledger's file and the spool are.", () => Disks(volume => volume.FreeBytes));
        Gauge("disk_size_bytes", "Size of the volume.", () => Disks(volume => volume.TotalBytes));
        ProcessFigures.AddTo(Meter);
    }

    /// <summary>Of the same name as <see cref="Measures.Meter"/>, and ending with the host.</summary>
    public Meter Meter { get; } = new(Measures.Name);

    public void Dispose() => Meter.Dispose();

    private static double? Breaker(string side, string name, PartnerContact contact) => contact.Breaker switch
    {
        BreakerState.Open => 1,
        BreakerState.HalfOpen => 0.5,
        _ => 0,
    };

    private void Gauge(string name, string help, Func<IEnumerable<Measurement<double>>> observe) => Meter.CreateObservableGauge(name, observe, description: help);

    private double Age(DateTimeOffset since) => Math.Max(0, (_clock.GetUtcNow() - since).TotalSeconds);

    /// <summary>What nobody has seen for a day may have been mended since: it is not told.</summary>
    private bool IsSeen(DateTimeOffset? at) => at is { } seen && _clock.GetUtcNow() - seen < TimeSpan.FromDays(1);

    private IEnumerable<Measurement<double>> Of(Func<Waiting, double> figure) => _waiting.Last is { } now ? [new(figure(now))] : [];

    private IEnumerable<Measurement<double>> Open() => _waiting.Last is { } now
        ? Enum.GetValues<ReferralState>().Where(state => !state.IsResting() || state == ReferralState.Held)
            .Select(state => new Measurement<double>(now.Figures.Open.GetValueOrDefault(state), new KeyValuePair<string, object?>("state", state.Name())))
        : [];

    /// <summary>An EHR and a recipient of one name share a line: the older of the two.</summary>
    private IEnumerable<Measurement<double>> OldestOpen()
    {
        if (_waiting.Last is not { } now) return [];
        return _partners.GroupBy(partner => partner.Name, StringComparer.Ordinal).Select(same => new Measurement<double>(
            same.Max(partner => (partner.Kind == PartnerKind.Ehr ? now.Oldest.ByEhr : now.Oldest.ByRecipient).TryGetValue(partner.Name, out var since) ? Age(since) : 0),
            new KeyValuePair<string, object?>("partner", same.Key)));
    }

    /// <summary>Of those that are configured: nobody can do anything for the others' events but wait.</summary>
    private IEnumerable<Measurement<double>> Webhooks(Func<WebhookBacklog, double> figure)
    {
        if (_waiting.Last is not { } now) return [];
        return _webhooks.Now.Keys.Select(name => now.Figures.Webhooks.SingleOrDefault(one => one.Webhook == name) ?? new WebhookBacklog(name, 0, null, 0, null))
            .Select(backlog => new Measurement<double>(figure(backlog), new KeyValuePair<string, object?>("webhook", backlog.Webhook)));
    }

    private IEnumerable<Measurement<double>> Partners(Func<string, string, PartnerContact, double?> figure) => _partners
        .Select(partner => (partner.Side, partner.Name, Value: figure(partner.Side, partner.Name, _contacts.Of(partner.Kind, partner.Name))))
        .Where(partner => partner.Value is not null)
        .Select(partner => new Measurement<double>(partner.Value!.Value, new("partner", partner.Name), new("kind", partner.Side)));

    private IEnumerable<Measurement<double>> Disks(Func<Volume, double> figure)
        => _volumes.Look().Select(volume => new Measurement<double>(figure(volume), new KeyValuePair<string, object?>("volume", volume.Name)));
}
