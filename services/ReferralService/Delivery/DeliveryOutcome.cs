namespace ReferralService.Delivery;

/// <summary>What one attempt, or one probe, showed. Closed; callers switch over all of them.</summary>
internal abstract record DeliveryOutcome
{
    private DeliveryOutcome() { }

    /// <summary>The recipient has it.</summary>
    /// <param name="Location">Of the Bundle or the Task at the recipient, without query; null when it gave none.</param>
    /// <param name="Noted">A code worth a timeline note (e.g. <c>digest-differs</c>, <c>found-by-probe</c>); null usually.</param>
    public sealed record Delivered(int Status, string? Location, string? Noted) : DeliveryOutcome;

    /// <summary>Answered, and it will not be taken like this: no effect.</summary>
    /// <param name="Code">refused, auth-refused, endpoint-wrong, tls, too-large, recipient-incapable …</param>
    /// <param name="Fails">True: 400/422, the referral fails. False: it is held, a person or a setting can mend it.</param>
    /// <param name="Learned">What was learned of the recipient that another form or route may answer; null usually.</param>
    public sealed record Refused(string Code, int? Status, bool Fails, IReadOnlyList<string> IssueCodes, string? Learned) : DeliveryOutcome
    {
        /// <summary>More for the timeline: of TLS the reason, of a refused package its entries; null usually.</summary>
        public IReadOnlyDictionary<string, string>? Detail { get; init; }

        /// <summary>Code and element of the first error, in R4's own words; null where the answer had none.</summary>
        public string? FirstIssue { get; init; }
    }

    /// <summary>Provably no effect (no connection, TLS, 429, 503): later again.</summary>
    public sealed record Unreachable(string Code, int? Status, TimeSpan? RetryAfter) : DeliveryOutcome;

    /// <summary>It may have had its effect: probe before anything else.</summary>
    public sealed record Unknown(string Code, int? Status) : DeliveryOutcome;

    /// <summary>Some entries were stored, some not: never resent whole.</summary>
    /// <param name="Locations">Of what was stored, without query.</param>
    public sealed record PartlyStored(int Stored, int Failed, IReadOnlyList<string> Locations, IReadOnlyList<string> IssueCodes) : DeliveryOutcome;

    /// <summary>Taken (202), to be done later: its outcome is to be asked for at <paramref name="StatusUrl"/>.</summary>
    /// <param name="StatusUrl">As the recipient wrote it; never logged or shown. Empty: it did not say where.</param>
    public sealed record Working(string StatusUrl, TimeSpan? RetryAfter) : DeliveryOutcome;

    /// <summary>Only of a probe: something of it is there, but not so that it can be called delivered; a person must settle that with the recipient.</summary>
    /// <param name="Cause"><c>found-more-than-once</c>, <see cref="Deleted"/>, or <c>parts-unproved</c>: of a transaction the Task, and the rest cannot be told.</param>
    /// <param name="Locations">Of what was found, without query.</param>
    public sealed record Doubtful(string Cause, IReadOnlyList<string> Locations) : DeliveryOutcome
    {
        /// <summary>It was there (410): it had landed, and somebody over there knows why it is gone.</summary>
        public const string Deleted = "found-deleted";
    }

    /// <summary>Only of a probe: the recipient was asked reliably and does not have it.</summary>
    public sealed record Absent : DeliveryOutcome;

    /// <summary>Only of a probe: nothing reliable can be asked (the recipient ignores the identifier): hold, delivery-unknown.</summary>
    public sealed record Unprovable : DeliveryOutcome;
}
