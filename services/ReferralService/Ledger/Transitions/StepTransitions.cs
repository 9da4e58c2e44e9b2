using ReferralService.Contracts;

namespace ReferralService.Ledger.Transitions;

/// <summary>What a finished packaging step knows of its package.</summary>
internal sealed record PackagedFacts(
    int Version, Guid PackageId, PackageForm Form, string Recipient, string TargetBase, VaultReceipt Receipt, int Entries, string? OrderVersion)
{
    /// <summary>What the timeline says of the gathering: types and numbers. Null: nothing.</summary>
    public IReadOnlyDictionary<string, string>? Gathered { get; init; }

    /// <summary>The same of the package.</summary>
    public IReadOnlyDictionary<string, string>? Contents { get; init; }
}

/// <summary>How the steps of the walk end. Pure; each honours what came in meanwhile (a cancel, a newer order) when the step had no effect outside.</summary>
internal static class StepTransitions
{
    /// <summary>A person or a setting must act.</summary>
    public static Transition Held(Referral referral, string code, string message, DateTimeOffset now, IReadOnlyDictionary<string, string>? detail = null)
        => new Change(referral, now)
            .To(r => ReferralTransitions.Unleashed(r) with { State = ReferralState.Held, ErrorCode = code, ErrorMessage = message, ResendAnyway = false })
            .Event("held", detail).Done();

    /// <summary>The same at the end of a gathering step, of the order as that step read it; what came in meanwhile and would change the answer comes first.</summary>
    /// <param name="recipient">The recipient the step worked for; null: the order's performer.</param>
    /// <param name="version">versionId of the order that the step read; null when it could not, or when there is none.</param>
    public static Transition GatherHeld(
        Referral referral, string? recipient, string? version, string code, string message, DateTimeOffset now, IReadOnlyDictionary<string, string>? detail = null)
        => Outdated(referral, recipient, version, now) ?? Held(referral with { OrderVersion = version ?? referral.OrderVersion }, code, message, now, detail);

    /// <summary>Gathering goes on later; at its deadline it is held.</summary>
    /// <param name="isTry">The record was tried for and not had: the next such pause is longer.</param>
    public static Transition GatherDeferred(Referral referral, string code, DateTimeOffset dueAt, DateTimeOffset deadline, DateTimeOffset now, bool isTry = true)
    {
        var until = referral.GatherDeadline ?? deadline;
        return now >= until
            ? OverdueGathering(referral with { GatherDeadline = null }, code, now)
            : new Change(referral, now)
                .To(r => r with { DueAt = dueAt < until ? dueAt : until, GatherTries = r.GatherTries + (isTry ? 1 : 0), GatherDeadline = until, ErrorCode = code, ErrorMessage = DeferralMessages.For(code), OrderNoticed = null })
                .Event("deferred").Done();
    }

    /// <summary>Nothing was tried and nothing failed: it waits for a paused partner, and so does its deadline. Looked at again then at the latest.</summary>
    /// <param name="partner">As in the table of pauses.</param>
    public static Transition SetAside(Referral referral, string partner, DateTimeOffset dueAt, DateTimeOffset now)
    {
        // Found so before: what has not been reckoned since is added. The rest is when the partner is resumed.
        var waited = referral.SetAsideFor == partner && referral.WaitsSince is { } since && now > since ? now - since : TimeSpan.Zero;
        return new Change(referral, now).To(r => r with { DueAt = dueAt, GatherDeadline = r.GatherDeadline + waited, SetAsideFor = partner }).Done();
    }

    /// <summary>The package is in the vault. If the order has moved on since it was read, or a person named another recipient, what was built is dropped and gathering starts again.</summary>
    public static Transition Packaged(Referral referral, PackagedFacts facts, DateTimeOffset now)
        => Outdated(referral with { PackageVersion = facts.Version }, facts.Recipient, facts.OrderVersion, now)
            ?? new Change(referral, now)
                .To(r => r with
                {
                    Recipient = facts.Recipient,
                    PackageVersion = facts.Version,
                    PackageId = facts.PackageId,
                    PackageForm = facts.Form,
                    PackageDigest = facts.Receipt.Digest,
                    PackageBytes = facts.Receipt.Bytes,
                    PackageEntries = facts.Entries,
                    PackageChunks = facts.Receipt.Chunks,
                    TargetBase = facts.TargetBase,
                    OrderVersion = facts.OrderVersion,
                    OrderNoticed = null,
                    ErrorCode = null,
                    ErrorMessage = null,
                    GatherTries = 0,
                    GatherDeadline = null,
                    DueAt = now,
                })
                .Event("gathered", facts.Gathered)
                .To(r => r with { State = ReferralState.Packaged })
                .Event("packaged", facts.Contents).Done();

    /// <summary>Committed before the first byte: from here until the answer is read, the outcome is unknown.</summary>
    /// <param name="by">What makes its repetition harmless; null when that is not told.</param>
    public static Transition AttemptBegun(Referral referral, TimeSpan deadline, DateTimeOffset now, string? by = null) => new Change(referral, now)
        .To(r => r with
        {
            State = ReferralState.Delivering,
            Attempt = r.Attempt + 1,
            AttemptAt = now,
            AttemptBy = by,
            StatusUrl = null,
            DeliveryDeadline = r.DeliveryDeadline ?? now + deadline,
            OutcomeUnknown = true,
            ResendAnyway = false,
        })
        .Note("attempt", by is null ? null : Detail("by", by)).Done();

    public static Transition Delivered(Referral referral, IReadOnlyDictionary<string, string> detail, DateTimeOffset now) => new Change(referral, now)
        .To(r => ReferralTransitions.Unleashed(r) with
        {
            State = ReferralState.Delivered, OutcomeUnknown = false, ResendAnyway = false, ErrorCode = null, ErrorMessage = null, CancelCause = null, DeliveryDeadline = null,
        })
        .Event("delivered", detail).Done();

    /// <summary>Refused for good, with no effect.</summary>
    public static Transition Failed(Referral referral, string code, string message, IReadOnlyDictionary<string, string>? detail, DateTimeOffset now)
        => Pending(referral, now) ?? new Change(referral, now)
            .To(r => ReferralTransitions.Unleashed(r) with { State = ReferralState.Failed, ErrorCode = code, ErrorMessage = message, OutcomeUnknown = false, DeliveryDeadline = null })
            .Event("failed", detail).Done();

    /// <summary>Refused with no effect, but a person or a setting can mend it.</summary>
    public static Transition Blocked(Referral referral, string code, string message, IReadOnlyDictionary<string, string>? detail, DateTimeOffset now)
        => Pending(referral, now) ?? Held(referral with { OutcomeUnknown = false, DeliveryDeadline = null }, code, message, now, detail);

    /// <summary>Provably no effect; again later, or failed at the deadline.</summary>
    public static Transition NoEffect(Referral referral, string code, DateTimeOffset dueAt, TimeSpan deadline, IReadOnlyDictionary<string, string>? detail, DateTimeOffset now)
        => Pending(referral, now) ?? Later(referral with { OutcomeUnknown = false }, code, dueAt, deadline, detail, now);

    /// <summary>Nothing was sent in this step (the order or the recipient could not be asked): what was known before still holds.</summary>
    public static Transition Postponed(Referral referral, string code, DateTimeOffset dueAt, TimeSpan deadline, DateTimeOffset now)
        => Later(referral, code, dueAt, deadline, null, now);

    /// <summary>It may have landed: the next step asks first.</summary>
    public static Transition OutcomeUnknown(Referral referral, string code, DateTimeOffset dueAt, TimeSpan deadline, IReadOnlyDictionary<string, string>? detail, DateTimeOffset now)
        => Later(referral with { OutcomeUnknown = true }, code, dueAt, deadline, detail, now);

    /// <summary>The recipient took it and works on it: its outcome is asked for at the place it named.</summary>
    public static Transition TakenToBeDone(Referral referral, string statusUrl, DateTimeOffset dueAt, TimeSpan deadline, DateTimeOffset now)
        => Later(referral with { OutcomeUnknown = true, StatusUrl = statusUrl }, ReasonCodes.RecipientWorking, dueAt, deadline, Detail("status", "202"), now);

    /// <summary>The recipient does not have it after all. What waited for that is done now; else null, and the step goes on.</summary>
    public static Transition? NotLanded(Referral referral, DateTimeOffset now) => Pending(referral with { OutcomeUnknown = false }, now);

    /// <summary>What was built does not fit any more (a newer order, another form): the next version is made.</summary>
    public static Transition BuildAgain(Referral referral, string note, DateTimeOffset now)
        => Pending(referral, now) ?? new Change(referral, now).To(r => ReferralTransitions.Afresh(r, now)).Note(note).Done();

    /// <summary>Held for the partner that it waited for.</summary>
    private static Transition OverdueGathering(Referral referral, string code, DateTimeOffset now)
        => code is ReasonCodes.RecipientUnreachable or ReasonCodes.RecipientThrottled or ReasonCodes.RecipientBusy
            ? Held(referral, code, "The recipient could not be asked in time what it can take. See that it answers at /metadata, or set its Form, then retry.", now)
            : Held(referral, ReasonCodes.RecordIncomplete, "What must be in the record could not be had from the EHR in time.", now, Detail("last", code));

    private static Transition Later(
        Referral referral, string code, DateTimeOffset dueAt, TimeSpan deadline, IReadOnlyDictionary<string, string>? detail, DateTimeOffset now)
    {
        var until = referral.DeliveryDeadline ?? now + deadline;
        if (now >= until)
        {
            return referral.OutcomeUnknown
                ? Held(referral, ReasonCodes.DeliveryUnknown, "Whether the recipient has the package could not be found out in time. Ask the recipient, then retry or cancel.", now, Detail("last", code))
                : new Change(referral, now)
                    .To(r => ReferralTransitions.Unleashed(r) with
                    {
                        State = ReferralState.Failed, ErrorCode = ReasonCodes.DeadlinePassed, ErrorMessage = "The recipient could not be reached before the deadline.", DeliveryDeadline = null,
                    })
                    .Event("failed", Detail("last", code)).Done();
        }

        return new Change(referral, now)
            .To(r => r with { DueAt = dueAt < until ? dueAt : until, DeliveryDeadline = until, ErrorCode = code, ErrorMessage = DeferralMessages.For(code) })
            .Event("deferred", detail).Done();
    }

    /// <summary>A cancel or a newer order that waited for an attempt that had no effect.</summary>
    private static Transition? Pending(Referral referral, DateTimeOffset now)
    {
        if (referral.CancelCause is { } cause)
        {
            return ReferralTransitions.Cancelled(referral, cause, cause == "order-revoked" ? ReasonCodes.OrderRevoked : ReasonCodes.CancelledByOperator, now);
        }

        return referral.OrderNoticed is null || referral.OrderNoticed == referral.OrderVersion
            ? null
            : new Change(referral, now).To(r => ReferralTransitions.Afresh(r, now)).Note("order-changed").Done();
    }

    /// <summary>A gathering step that worked for another recipient than a person has named meanwhile, or from an older order than was noticed, begins again. Null: it did not.</summary>
    private static Transition? Outdated(Referral referral, string? recipient, string? version, DateTimeOffset now)
    {
        var note = referral.RecipientGiven && referral.Recipient != recipient ? "recipient-set"
            : referral.OrderNoticed is { } noticed && noticed != version ? "order-changed"
            : null;
        return note is null ? null : new Change(referral, now).To(r => ReferralTransitions.Afresh(r, now)).Note(note).Done();
    }

    private static Dictionary<string, string> Detail(string key, string value) => new() { [key] = value };
}
