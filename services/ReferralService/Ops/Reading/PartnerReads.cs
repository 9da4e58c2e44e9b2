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
/// <param name="Idempotency">Of a recipient: what makes sending again harmless there, as configured or as found; null of an EHR, and before it was found.</param>
/// <param name="IdempotencyLearned">When it was found; null when configured.</param>
internal sealed record PartnerAnswer(
    string Name, string Kind, bool? Reachable, DateTimeOffset? LastSuccess, string Breaker, bool Paused, DateTimeOffset? OldestWaiting,
    string? Idempotency = null, DateTimeOffset? IdempotencyLearned = null);

/// <summary><c>GET /api/partners</c>.</summary>
internal sealed class PartnerReads(EhrRegistry ehrs, RecipientRegistry recipients, PartnerContacts contacts, ReferralBook book, PartnerPauses pauses, PartnerMemory memory)
{
    public async Task ListAsync(HttpContext context)
    {
        var waiting = await book.OldestWaitingAsync(context.RequestAborted);
        var paused = await pauses.AllAsync(context.RequestAborted);
        var characters = await memory.RecallAllAsync(RecipientFacts.Idempotency, context.RequestAborted);
        var items = ehrs.All.Select(ehr => ehr.Name).Order(StringComparer.Ordinal).Select(name => Answer(PartnerKind.Ehr, name, waiting.ByEhr, paused))
            .Concat(recipients.All.OrderBy(recipient => recipient.Name, StringComparer.Ordinal)
                .Select(recipient => WithCharacter(Answer(PartnerKind.Recipient, recipient.Name, waiting.ByRecipient, paused), recipient, characters)));
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

    private static PartnerAnswer WithCharacter(PartnerAnswer answer, RecipientOptions recipient, IReadOnlyDictionary<string, (string Value, DateTimeOffset At)> characters)
        => recipient.Idempotency != Idempotency.Auto ? answer with { Idempotency = recipient.Idempotency.ToString() }
            : characters.TryGetValue(RecipientFacts.Partner(recipient.Name), out var learned) && IdempotencyFinder.Character(learned.Value) is { } character
                ? answer with { Idempotency = character.ToString(), IdempotencyLearned = learned.At }
                : answer;

    private static string Text(BreakerState breaker) => breaker switch
    {
        BreakerState.Open => "open",
        BreakerState.HalfOpen => "half-open",
        _ => "closed",
    };
}
