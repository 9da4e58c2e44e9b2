namespace ReferralService.Contracts;

/// <summary>The closed list of codes in states, events, answers and problem details. A code never changes its meaning.</summary>
public static class ReasonCodes
{
    // A person or a setting must act (state held).
    public const string RecipientUnknown = "recipient-unknown";
    public const string RecipientAmbiguous = "recipient-ambiguous";
    public const string RecipientIncapable = "recipient-incapable";
    public const string NotActionable = "not-actionable";
    public const string RecordIncomplete = "record-incomplete";
    public const string WrongPatient = "wrong-patient";
    public const string AuthRefused = "auth-refused";
    public const string EndpointWrong = "endpoint-wrong";
    public const string Tls = "tls";
    public const string AddressRefused = "address-refused";
    public const string PartlyStored = "partly-stored";
    public const string DeliveryUnknown = "delivery-unknown";
    public const string Poison = "poison";
    public const string TooCostly = "too-costly";
    public const string TooLarge = "too-large";
    public const string OrderNotFound = "order-not-found";
    public const string OrderGone = "order-gone";
    public const string NotFhir = "not-fhir";
    public const string FilterIgnored = "filter-ignored";
    public const string PackageInvalid = "package-invalid";
    public const string RecordInvalid = "record-invalid";
    public const string ConsentDenied = "consent-denied";
    public const string ConsentMissing = "consent-missing";
    public const string ConsentUnclear = "consent-unclear";
    public const string VaultDamaged = "vault-damaged";
    public const string VaultKeyMissing = "vault-key-missing";

    // It will be tried again by itself (events deferred).
    public const string EhrUnreachable = "ehr-unreachable";
    public const string EhrThrottled = "ehr-throttled";
    public const string EhrError = "ehr-error";
    public const string RecipientUnreachable = "recipient-unreachable";
    public const string RecipientThrottled = "recipient-throttled";
    public const string RecipientBusy = "recipient-busy";
    public const string OutcomeUnknown = "outcome-unknown";
    public const string RecipientWorking = "recipient-working";
    public const string LeaseLost = "lease-lost";
    public const string InternalError = "internal-error";

    // Why the subscription at an EHR does not work (GET /api/partners); mended by itself, polling goes on.
    public const string SubscriptionRefused = "subscription-refused";
    public const string SubscriptionStopped = "subscription-stopped";
    public const string SubscriptionGone = "subscription-gone";
    public const string SubscriptionPending = "subscription-pending";
    public const string SubscriptionSilent = "subscription-silent";

    // It ended without being delivered (failed, cancelled).
    public const string Refused = "refused";
    public const string DeadlinePassed = "deadline-passed";
    public const string OrderRevoked = "order-revoked";
    public const string CancelledByOperator = "cancelled-by-operator";

    // Answers to requests and commands.
    public const string NotFound = "not-found";
    public const string NoPackage = "no-package";
    public const string PackagePurged = "package-purged";
    public const string EhrUnknown = "ehr-unknown";
    public const string BadRequest = "bad-request";
    public const string PartnerAmbiguous = "partner-ambiguous";
    public const string UseForward = "use-forward";
    public const string InFlight = "in-flight";
    public const string AlreadyCancelled = "already-cancelled";
    public const string AlreadyDelivered = "already-delivered";
    public const string RecipientTaken = "recipient-taken";
    public const string IdReused = "id-reused";
    public const string Unauthorized = "unauthorized";
    public const string Forbidden = "forbidden";
    public const string TooManyRequests = "too-many-requests";
    public const string UnsupportedMediaType = "unsupported-media-type";
    public const string BodyTooLarge = "body-too-large";
    public const string LedgerUnavailable = "ledger-unavailable";
    public const string Draining = "draining";
    public const string IdentityProviderUnreachable = "identity-provider-unreachable";
    public const string MethodNotAllowed = "method-not-allowed";
    public const string Unreadable = "unreadable";
    public const string UnknownCommand = "unknown-command";
    public const string UnsupportedVersion = "unsupported-version";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [.. ClosedList.Of(typeof(ReasonCodes))];
}
