using ReferralService.Intake;
using ReferralService.Ledger;
using ReferralService.RecipientDirectory;

namespace ReferralService.Ops.Reading;

internal sealed record PartnerList(IReadOnlyList<PartnerAnswer> Items);

/// <param name="Kinds">As what: ehr, recipient or both.</param>
internal sealed record PartnerPaused(string Name, IReadOnlyList<string> Kinds, bool Paused);

/// <param name="Kind">ehr or recipient.</param>
/// <param name="Reachable">Whether the last contact of this replica worked; null before the first.</param>
/// <param name="Breaker">closed, half-open or open.</param>
/// <param name="Paused">Whether work for it was stopped by hand.</param>
/// <param name="OldestWaiting">When the first of the referrals that wait for it (an EHR: to gather; a recipient: to deliver) fell due, or will.</param>
internal sealed record PartnerAnswer(
    string Name, string Kind, bool? Reachable, DateTimeOffset? LastSuccess, string Breaker, bool Paused, DateTimeOffset? OldestWaiting);

/// <summary><c>GET /api/partners</c>.</summary>
internal sealed class PartnerReads(EhrRegistry ehrs, RecipientRegistry recipients, PartnerContacts contacts, ReferralBook book, PartnerPauses pauses)
{
    public async Task ListAsync(HttpContext context)
    {
        var waiting = await book.OldestWaitingAsync(context.RequestAborted);
        var paused = await pauses.AllAsync(context.RequestAborted);
        var items = ehrs.All.Select(ehr => ehr.Name).Order(StringComparer.Ordinal).Select(name => Answer(PartnerKind.Ehr, name, waiting.ByEhr, paused))
            .Concat(recipients.All.Select(recipient => recipient.Name).Order(StringComparer.Ordinal).Select(name => Answer(PartnerKind.Recipient, name, waiting.ByRecipient, paused)));
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.WriteAsJsonAsync(new PartnerList([.. items]), OpsJson.Default.PartnerList, cancellationToken: context.RequestAborted);
    }

    private PartnerAnswer Answer(PartnerKind kind, string name, IReadOnlyDictionary<string, DateTimeOffset> waiting, IReadOnlyDictionary<string, DateTimeOffset> paused)
    {
        var contact = contacts.Of(kind, name);
        var side = kind == PartnerKind.Ehr ? "ehr" : "recipient";
        return new(
            name, side, contact.Reachable, contact.LastSuccess, Text(contact.Breaker), paused.ContainsKey($"{side}:{name}"),
            waiting.TryGetValue(name, out var since) ? since : null);
    }

    private static string Text(BreakerState breaker) => breaker switch
    {
        BreakerState.Open => "open",
        BreakerState.HalfOpen => "half-open",
        _ => "closed",
    };
}
