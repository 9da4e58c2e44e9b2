using ReferralService.Ledger;

namespace ReferralService.RecipientDirectory;

/// <summary>How a package is stored at a recipient.</summary>
internal enum DeliveryRoute
{
    /// <summary>PUT /Bundle/{package id}: update-as-create is proved, repeating is harmless.</summary>
    PutBundle,

    /// <summary>POST /Bundle, a probe by identifier before every repetition.</summary>
    PostBundle,

    /// <summary>POST to the base as a transaction, a probe for its Task before every repetition.</summary>
    Transaction,
}

/// <summary>Where and how one package goes: decided before it is built, kept with it.</summary>
internal sealed record DeliveryTarget(string Recipient, Uri BaseUrl, PackageForm Form, DeliveryRoute Route)
{
    /// <summary>What makes a repetition harmless there; never Auto.</summary>
    public Idempotency Idempotency { get; init; } = Route == DeliveryRoute.PutBundle ? Idempotency.PutId : Idempotency.Probe;

    /// <summary>Whether a PUT may carry <c>If-None-Match: *</c>: false once the recipient has refused it for that.</summary>
    public bool AsksNotToOverwrite { get; init; } = true;
}

/// <summary>Who the order is for. Closed.</summary>
internal abstract record RecipientResolution
{
    private RecipientResolution() { }

    public sealed record Resolved(string Recipient) : RecipientResolution;

    /// <summary>recipient-unknown or recipient-ambiguous.</summary>
    public sealed record Unresolved(string Code, string Message) : RecipientResolution;

    /// <summary>The EHR could not be asked who the performer is.</summary>
    public sealed record Deferred(string Code, TimeSpan? RetryAfter) : RecipientResolution;
}

/// <summary>How to deliver there. Closed.</summary>
internal abstract record TargetResolution
{
    private TargetResolution() { }

    public sealed record Ready(DeliveryTarget Target) : TargetResolution;

    /// <summary>recipient-incapable, auth-refused, endpoint-wrong, tls …: a person must act.</summary>
    public sealed record Held(string Code, string Message) : TargetResolution
    {
        /// <summary>More for the timeline; null usually.</summary>
        public IReadOnlyDictionary<string, string>? Detail { get; init; }
    }

    /// <summary>The recipient is being asked what it can and has not answered yet: nothing was tried and nothing failed; look again.</summary>
    /// <param name="For">How long it has been asked so far.</param>
    public sealed record Awaited(TimeSpan For) : TargetResolution;

    /// <summary>The recipient could not be asked what it can.</summary>
    public sealed record Deferred(string Code, TimeSpan? RetryAfter) : TargetResolution;
}
