using System.Net;

namespace ReferralService.Status.Webhooks;

/// <summary>What a receiver said to one event.</summary>
internal abstract record WebhookAnswer
{
    private WebhookAnswer() { }

    /// <summary>2xx: it has the event.</summary>
    public sealed record Taken : WebhookAnswer;

    /// <summary>Not taken; it is tried again.</summary>
    /// <param name="Whole">Whether every other event would fare alike: then none is sent for a while.</param>
    /// <param name="After">Not before this; what the receiver asked for.</param>
    public sealed record NotTaken(WebhookTrouble Trouble, bool Whole, TimeSpan? After = null) : WebhookAnswer;

    public static WebhookAnswer Of(HttpStatusCode status, TimeSpan? retryAfter) => (int)status switch
    {
        >= 200 and < 300 => new Taken(),
        // "Never again"; but a proxy says it too while what is behind it is replaced. So it is asked again, ever more seldom.
        410 => new NotTaken(WebhookTrouble.Gone, Whole: true, retryAfter),
        408 or 429 or >= 500 => new NotTaken(WebhookTrouble.Busy, Whole: true, retryAfter),
        // A redirect is none of our business: events go where they are configured to go.
        < 400 or 401 or 403 or 404 or 405 => new NotTaken(WebhookTrouble.Refused, Whole: true, retryAfter),
        _ => new NotTaken(WebhookTrouble.EventRefused, Whole: false, retryAfter),
    };
}
