namespace ReferralService.AcceptanceTests.Chaos.Truth;

/// <summary>An order that the EHR has; written down before it can be read there.</summary>
/// <param name="Recipient">Who it asks.</param>
/// <param name="Wanted">False: no order to act on (a draft, revoked before anybody told of it); nothing of it may ever be sent.</param>
/// <param name="Record">The keys (<c>Type/id</c>) of what the package must have.</param>
internal sealed record OrderFact(string Order, string Recipient, bool Wanted, DateTimeOffset At, IReadOnlyList<string> Record);

/// <summary>A trigger that the service has taken (2xx, or an accepted answer to a command); written down as soon as its sender heard so.</summary>
/// <param name="Way"><c>hook</c>, <c>rest</c> or <c>command</c>.</param>
internal sealed record TriggerFact(string Order, string Way, DateTimeOffset At);

/// <summary>Something a consultant has really stored; written down before the consultant answers.</summary>
/// <param name="Key">Where it is at the consultant.</param>
/// <param name="Package">The package's id; null when what was sent carries none.</param>
/// <param name="Order">The order that is in it.</param>
/// <param name="Canary">The markers of the patient arrived.</param>
internal sealed record EffectFact(
    string Consultant, DateTimeOffset At, string Interaction, string Key, string Digest, string? Package, string? Order, bool Canary);
