namespace ReferralService.Ledger;

/// <summary>A referral's row. Immutable: a transition makes the next one with <c>with</c>, the ledger writes it.</summary>
/// <remarks>Only ids, codes, counts and instants: plain columns never hold a patient's data.</remarks>
internal sealed record Referral
{
    public required ReferralId Id { get; init; }
    public required string Ehr { get; init; }

    /// <summary>Logical id of the ServiceRequest at the EHR, without type.</summary>
    public required string OrderId { get; init; }

    /// <summary>The recipient's name as asked for; null = by the order. Part of the key.</summary>
    public string? RecipientAsked { get; init; }

    /// <summary>The recipient, once it is known.</summary>
    public string? Recipient { get; init; }

    /// <summary>A request named the recipient (at submit, later, or by retry): it stays when the order changes its performer.</summary>
    public bool RecipientGiven { get; init; }

    public required ReferralState State { get; init; }

    /// <summary>Why it is held, failed or deferred: a code of Contracts.ReasonCodes; null when all is well.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>One static sentence for a person, with no value from a record.</summary>
    public string? ErrorMessage { get; init; }

    /// <summary>Delivery attempts since the last .retried; 0 before.</summary>
    public int Attempt { get; init; }

    /// <summary>Tries of the gathering step since it last succeeded or was retried.</summary>
    public int GatherTries { get; init; }

    /// <summary>Sequence of the last status event; 0 before the first.</summary>
    public int Sequence { get; init; }

    /// <summary>When work is wanted next; null when resting.</summary>
    public DateTimeOffset? DueAt { get; init; }

    public DateTimeOffset? LeaseUntil { get; init; }

    /// <summary>Counts claims; a writer whose fence is no longer this one has lost its lease and writes nothing.</summary>
    public long Fence { get; init; }

    /// <summary>A step has begun under the present lease; if the lease runs out meanwhile, that is one crash.</summary>
    public bool Working { get; init; }

    /// <summary>Lost leases since the last committed transition.</summary>
    public int Crashes { get; init; }

    public DateTimeOffset? GatherDeadline { get; init; }
    public DateTimeOffset? DeliveryDeadline { get; init; }

    /// <summary>0 before the first package.</summary>
    public int PackageVersion { get; init; }
    public Guid? PackageId { get; init; }
    public PackageForm? PackageForm { get; init; }

    /// <summary><c>sha-256:</c> and 64 lower-case hex digits.</summary>
    public string? PackageDigest { get; init; }
    public long PackageBytes { get; init; }
    public int PackageEntries { get; init; }
    public int PackageChunks { get; init; }

    /// <summary>When the package's bytes were deleted, its time (Vault:Retention) being over; its id and digest stay. Null: they are there, or there was none yet.</summary>
    public DateTimeOffset? PackagePurgedAt { get; init; }

    /// <summary>Base URL at the recipient that this package was built for; a delivery never goes elsewhere.</summary>
    public string? TargetBase { get; init; }

    /// <summary>versionId of the order that the package holds, or that was last read.</summary>
    public string? OrderVersion { get; init; }

    /// <summary>The effect of the last attempt at the recipient is not known: probe before anything else.</summary>
    public bool OutcomeUnknown { get; init; }

    /// <summary>A cancel waits for the outcome of an attempt: "operator" or "order-revoked"; null when none does. Also kept on a cancelled referral.</summary>
    public string? CancelCause { get; init; }

    /// <summary>versionId of a newer active order that was noticed while a step was under way; applied when the step ends, if it had no effect. Null when none was.</summary>
    public string? OrderNoticed { get; init; }

    /// <summary>When the last attempt began: its successor after a crash waits the longest attempt out from here. Null before the first.</summary>
    public DateTimeOffset? AttemptAt { get; init; }

    /// <summary>What was to make the last attempt's repetition harmless (the recipient's idempotency character then). Null before the first, and of an older build's attempt.</summary>
    public string? AttemptBy { get; init; }

    /// <summary>Where the recipient, which took the last attempt with 202, said that its outcome can be asked for. Never logged or shown. Empty: it took it and did not say where. Null when it was not taken so.</summary>
    public string? StatusUrl { get; init; }

    /// <summary>A person has decided to send again although the outcome cannot be proved (retry of delivery-unknown).</summary>
    public bool ResendAnyway { get; init; }

    /// <summary>Until when its deadlines are reckoned: the end of its last step, or of the pauses added to them since. Null: neither was yet.</summary>
    public DateTimeOffset? WaitsSince { get; init; }

    /// <summary>The paused partner that its last step met, as in the table of pauses; it is due again when that partner is resumed.</summary>
    public string? SetAsideFor { get; init; }

    public string? TraceParent { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Row number in order of creation; the ledger gives it. 0 before insertion.</summary>
    public long Number { get; init; }

    /// <summary>Counts writes; the ledger keeps it.</summary>
    public long Revision { get; init; }
}
