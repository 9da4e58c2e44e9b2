using System.Text.Json.Serialization;
using ReferralService.Intake;
using ReferralService.Ledger;
using ReferralService.RecipientDirectory;

namespace ReferralService.Ops.Reading;

internal sealed record PartnerList(IReadOnlyList<PartnerAnswer> Items);

/// <param name="Kinds">As what: ehr or recipient.</param>
internal sealed record PartnerPaused(string Name, IReadOnlyList<string> Kinds, bool Paused);

/// <param name="Kind">ehr or recipient.</param>
/// <param name="Reachable">Whether the last contact of this replica worked; null before the first.</param>
/// <param name="Breaker">closed, half-open or open.</param>
/// <param name="Paused">Whether work for it was stopped by hand.</param>
/// <param name="Configured">Whether the settings name it. Who is not named is listed only while paused, because what waits for it waits until it is resumed.</param>
/// <param name="OldestWaiting">Since when the oldest referral that is neither finished nor held has waited for it (an EHR: to be gathered; a recipient: to be asked what it takes, or delivered), put off and paused ones included; null when none does.</param>
/// <param name="Idempotency">Of a recipient: what makes sending again harmless there, as configured or as found; null of an EHR, and before it was found.</param>
/// <param name="IdempotencyLearned">When it was found; null when configured.</param>
/// <param name="Subscription">Only of an EHR with <c>Subscribe</c>.</param>
internal sealed record PartnerAnswer(
    string Name, string Kind, bool? Reachable, DateTimeOffset? LastSuccess, string Breaker, bool Paused, bool Configured, DateTimeOffset? OldestWaiting,
    string? Idempotency = null, DateTimeOffset? IdempotencyLearned = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] SubscriptionAnswer? Subscription = null);

/// <param name="Kind">R4 or Topic.</param>
/// <param name="Status">requested, active, error or off as read last at the EHR; none before it was made.</param>
/// <param name="LastHeard">Last hook of any kind: event, heartbeat or handshake.</param>
/// <param name="Code">Why it does not work; null when it does, or is being made.</param>
internal sealed record SubscriptionAnswer(string Kind, string Status, DateTimeOffset? LastHeard, string? Code);

/// <summary><c>GET /api/partners</c>.</summary>
internal sealed class PartnerReads(
    EhrRegistry ehrs, RecipientRegistry recipients, PartnerContacts contacts, ReferralBook book, PartnerPauses pauses, PartnerMemory memory, SubscriptionBook subscriptions)
{
    public async Task ListAsync(HttpContext context)
    {
        var items = await AllAsync(context.RequestAborted);
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.WriteAsJsonAsync(new PartnerList(items), OpsJson.Default.PartnerList, cancellationToken: context.RequestAborted);
    }

    /// <summary>EHRs, then recipients, each side by name.</summary>
    public async Task<IReadOnlyList<PartnerAnswer>> AllAsync(CancellationToken cancellationToken)
    {
        var waiting = await book.OldestWaitingAsync(cancellationToken);
        var paused = await pauses.AllAsync(cancellationToken);
        var characters = await memory.RecallAllAsync(RecipientFacts.Idempotency, cancellationToken);
        var kept = (await subscriptions.AllAsync(cancellationToken)).ToDictionary(s => s.Ehr, StringComparer.Ordinal);
        var items = Names("ehr", ehrs.All.Select(ehr => ehr.Name), paused).Select(name => WithSubscription(Answer(PartnerKind.Ehr, name, waiting.ByEhr, paused), ehrs.Find(name), kept))
            .Concat(Names("recipient", recipients.All.Select(recipient => recipient.Name), paused)
                .Select(name => WithCharacter(Answer(PartnerKind.Recipient, name, waiting.ByRecipient, paused), recipients.Find(name), characters)));
        return [.. items];
    }

    /// <summary>Those configured on one side and those paused there that the settings do not name any more.</summary>
    private static IEnumerable<string> Names(string side, IEnumerable<string> configured, IReadOnlyDictionary<string, DateTimeOffset> paused)
        => configured.Union(paused.Keys.Where(partner => partner.StartsWith(side + ":", StringComparison.Ordinal)).Select(partner => partner[(side.Length + 1)..]), StringComparer.Ordinal)
            .Order(StringComparer.Ordinal);

    private PartnerAnswer Answer(PartnerKind kind, string name, IReadOnlyDictionary<string, DateTimeOffset> waiting, IReadOnlyDictionary<string, DateTimeOffset> paused)
    {
        var contact = contacts.Of(kind, name);
        var (side, configured) = kind == PartnerKind.Ehr ? ("ehr", ehrs.Find(name) is not null) : ("recipient", recipients.Find(name) is not null);
        return new(
            name, side, contact.Reachable, contact.LastSuccess, Text(contact.Breaker), paused.ContainsKey($"{side}:{name}"), configured,
            waiting.TryGetValue(name, out var since) ? since : null);
    }

    private static PartnerAnswer WithSubscription(PartnerAnswer answer, EhrOptions? ehr, IReadOnlyDictionary<string, KeptSubscription> kept)
        => ehr is null or { Subscribe: SubscribeMode.Off } ? answer : answer with { Subscription = Answer(kept.GetValueOrDefault(ehr.Name)) };

    private static PartnerAnswer WithCharacter(PartnerAnswer answer, RecipientOptions? recipient, IReadOnlyDictionary<string, (string Value, DateTimeOffset At)> characters)
        => recipient is null ? answer
            : recipient.Idempotency != Idempotency.Auto ? answer with { Idempotency = recipient.Idempotency.ToString() }
            : characters.TryGetValue(RecipientFacts.Partner(recipient.Name), out var learned) && IdempotencyFinder.Character(learned.Value) is { } character
                ? answer with { Idempotency = character.ToString(), IdempotencyLearned = learned.At }
                : answer;

    private static SubscriptionAnswer? Answer(KeptSubscription? kept) => kept is null ? null : new(kept.Kind, kept.Status, kept.HeardAt, kept.Code);

    private static string Text(BreakerState breaker) => breaker switch
    {
        BreakerState.Open => "open",
        BreakerState.HalfOpen => "half-open",
        _ => "closed",
    };
}
