using ReferralService.Fhir.Errors;

namespace ReferralService.Status.Webhooks;

/// <summary>Why a webhook's receiver does not take events, and what an operator does about it.</summary>
/// <param name="Code">Permanent; listed in docs/runbook.md.</param>
/// <param name="Fix">One line.</param>
internal sealed record WebhookTrouble(string Code, string Fix)
{
    public static readonly WebhookTrouble Unreachable = new("webhook-unreachable", "nothing answers at Webhooks:{name}:Url within 10 s: see that the receiver runs and that the network lets the service reach it");

    public static readonly WebhookTrouble Untrusted = new("webhook-untrusted", "the receiver's certificate is not trusted, or is not for the host in Webhooks:{name}:Url");

    public static readonly WebhookTrouble AddressRefused = new("webhook-address-refused", "the name in Webhooks:{name}:Url leads to an address that no partner may have, or outside Webhooks:{name}:Networks");

    public static readonly WebhookTrouble Busy = new("webhook-busy", "the receiver answers 408, 429 or 5xx: ask its operator if it does not pass");

    public static readonly WebhookTrouble Refused = new("webhook-refused", "the receiver refuses all it is sent (401, 403, 404, 405 or a redirect): check Webhooks:{name}:Url and that it knows the secret");

    public static readonly WebhookTrouble EventRefused = new("webhook-event-refused", "the receiver refuses this event (another 4xx): its own log says why");

    public static readonly WebhookTrouble Gone = new("webhook-gone", "the receiver answered 410, which means never again: take Webhooks:{name} out, or correct its Url; it is asked again with one event, hourly at last");

    public static readonly WebhookTrouble Undelivered = new("webhook-undelivered", "events were refused one by one for three days and are kept: the receiver's own log says why; mend it, then restart the service, which tries them once more");

    /// <summary><see cref="Fix"/> with the settings of this webhook.</summary>
    public string FixFor(string webhook) => Fix.Replace("{name}", webhook, StringComparison.Ordinal);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<WebhookTrouble> All { get; } = [Unreachable, Untrusted, AddressRefused, Busy, Refused, EventRefused, Gone, Undelivered];

    /// <summary>Of an exchange that came to no answer.</summary>
    public static WebhookTrouble Of(Exception? failure) => failure switch
    {
        null => Unreachable,
        FhirRequestException { Code: RequestCode.AddressRefused } => AddressRefused,
        UntrustedServerException => Untrusted,
        _ => Of(failure.InnerException),
    };
}
