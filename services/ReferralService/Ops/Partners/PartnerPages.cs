using ReferralService.Ledger;
using ReferralService.Ops.Acts;
using ReferralService.Ops.Pages;
using ReferralService.Ops.Pages.Partners;
using ReferralService.Ops.Reading;
using ReferralService.RecipientDirectory;

namespace ReferralService.Ops.Partners;

/// <summary>Page <c>/partners</c> and its switches. What is read of the ledger is read at most once in two seconds.</summary>
internal sealed class PartnerPages(PartnerReads reads, PartnerPausing pausing, PartnerContacts contacts, RecipientRegistry recipients, ReferralBook book, TimeProvider clock)
{
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private Task<(IReadOnlyList<PartnerAnswer> Partners, IReadOnlyDictionary<string, int> Waiting)>? _known;
    private DateTimeOffset _until;

    public async Task<IResult> ShowAsync(HttpContext context)
    {
        var (partners, waiting) = await KnownAsync().WaitAsync(context.RequestAborted);
        return Page.Of<PartnersPage>(nameof(PartnersPage.Partners), partners.Select(partner => View(partner, waiting)).ToList());
    }

    public Task<IResult> PauseAsync(HttpContext context) => SetAsync(context, paused: true);

    public Task<IResult> ResumeAsync(HttpContext context) => SetAsync(context, paused: false);

    private async Task<IResult> SetAsync(HttpContext context, bool paused)
    {
        var (kind, name) = ((string?)context.Request.RouteValues["kind"], (string?)context.Request.RouteValues["name"]);
        if (await pausing.RefuseAsync(kind ?? "", name ?? "", context.RequestAborted) is { } refusal)
        {
            return RefusalPage.Of(context, refusal);
        }

        await pausing.SetAsync(context, $"{kind}:{name}", paused);
        lock (_gate)
        {
            _known = null;
        }

        return Page.SeeOther(Notice.DoneAt("/partners", paused ? "pause" : "resume"));
    }

    private Task<(IReadOnlyList<PartnerAnswer> Partners, IReadOnlyDictionary<string, int> Waiting)> KnownAsync()
    {
        lock (_gate)
        {
            if (_known is null || _known.IsFaulted || _known.IsCanceled || clock.GetUtcNow() >= _until)
            {
                (_known, _until) = (ReadAsync(), clock.GetUtcNow() + Kept);
            }

            return _known;
        }
    }

    private async Task<(IReadOnlyList<PartnerAnswer> Partners, IReadOnlyDictionary<string, int> Waiting)> ReadAsync()
        => (await reads.AllAsync(CancellationToken.None), await book.WaitingAsync(CancellationToken.None));

    private PartnerView View(PartnerAnswer partner, IReadOnlyDictionary<string, int> waiting)
    {
        var kind = partner.Kind == "ehr" ? PartnerKind.Ehr : PartnerKind.Recipient;
        var contact = contacts.Of(kind, partner.Name);
        return new(
            partner.Name, partner.Kind, contact.Reachable, contact.LastSuccess, partner.Breaker, partner.Paused, partner.Configured,
            waiting.GetValueOrDefault($"{(kind == PartnerKind.Ehr ? 'g' : 'd')}:{partner.Name}"), partner.OldestWaiting,
            partner.Idempotency, kind == PartnerKind.Recipient ? recipients.Find(partner.Name)?.Form.ToString() : null,
            partner.Subscription is { } subscription ? $"{subscription.Kind}, {subscription.Status}" : null, partner.Subscription?.Code,
            contact.CertificateEnds, contact.ClockSkew,
            [.. contacts.LastHour(kind, partner.Name, clock.GetUtcNow()).Select(minute => new PartnerMinuteView(minute.Good, minute.Bad, minute.Mean?.TotalMilliseconds ?? 0))]);
    }
}
