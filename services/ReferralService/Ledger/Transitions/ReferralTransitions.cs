using ReferralService.Contracts;

namespace ReferralService.Ledger.Transitions;

/// <summary>What operators and the order's own changes do to a referral: interfaces §5, by <see cref="ReactionTable"/>. Pure.</summary>
internal static class ReferralTransitions
{
    /// <summary>A new referral with its first event.</summary>
    public static Transition Create(Uri ehrBase, string ehr, string orderId, string? recipient, string? traceParent, DateTimeOffset now)
        => new Change(
            new Referral
            {
                Id = ReferralId.Create(ehrBase, orderId, recipient),
                Ehr = ehr,
                OrderId = orderId,
                RecipientAsked = recipient,
                Recipient = recipient,
                RecipientGiven = recipient is not null,
                State = ReferralState.Received,
                DueAt = now,
                TraceParent = traceParent,
                CreatedAt = now,
                UpdatedAt = now,
            },
            now).Event("received").Done();

    /// <param name="recipient">A recipient the operator names; null leaves it.</param>
    public static Verdict Retry(Referral referral, string? recipient, DateTimeOffset now)
    {
        if (recipient is not null && recipient != referral.Recipient && referral.PackageId is not null)
        {
            return Refuse(ReasonCodes.UseForward, "A package for another recipient exists; submit the order again with the new recipient instead.");
        }

        var named = recipient is null ? referral : referral with { Recipient = recipient, RecipientGiven = true };
        return ReactionTable.Of(ReactionTable.SituationOf(referral), Trigger.Retry) switch
        {
            Reaction.DueNow => Allow(DueNow(named, now)),
            // What was refused is no more: the next version is made from the order as it is now.
            Reaction.ResendPackage when named.PackagePurgedAt is not null => Allow(Again(named, now)),
            Reaction.ResendPackage => Allow(Resend(named, now, resendAnyway: false)),
            Reaction.ResumeByCode => Resume(named, now),
            Reaction.RefuseUseForward => Refuse(ReasonCodes.UseForward, "It is delivered; submit the order again with another recipient to send it on."),
            Reaction.RefuseCancelled => Refuse(ReasonCodes.AlreadyCancelled, "It is cancelled; submit the order again with a recipient, or change the order at the EHR."),
            _ => Refuse(ReasonCodes.InFlight, "An attempt is under way or its outcome is not known yet; wait for the next event."),
        };
    }

    public static Verdict Cancel(Referral referral, DateTimeOffset now) => Stop(referral, Trigger.Cancel, "operator", ReasonCodes.CancelledByOperator, now);

    public static Verdict Revoke(Referral referral, DateTimeOffset now) => Stop(referral, Trigger.OrderRevoked, "order-revoked", ReasonCodes.OrderRevoked, now);

    /// <summary>The order was read and is active, in a version that this referral does not have. An EHR without versions tells nothing: the delivery reads the order again anyway.</summary>
    public static Transition Move(Referral referral, string? version, DateTimeOffset now)
    {
        if (version is null || version == referral.OrderVersion || version == referral.OrderNoticed)
        {
            return Transition.None(referral);
        }

        switch (ReactionTable.Of(ReactionTable.SituationOf(referral), Trigger.OrderMoved))
        {
            case Reaction.GatherAgain when referral.State == ReferralState.Received && !referral.Working:
                return Transition.None(referral);
            case Reaction.GatherAgain:
                return new Change(referral, now).To(r => r with { OrderNoticed = version, DueAt = Earlier(r.DueAt, now) }).Done();
            case Reaction.NewPackageVersion when referral.State == ReferralState.Failed:
                return Again(referral, now);
            case Reaction.NewPackageVersion:
                return new Change(referral, now).To(r => Afresh(r, now)).Note("order-changed").Done();
            case Reaction.GatherAgainUnlessSettled
                when !referral.OutcomeUnknown && referral.ErrorCode is not (ReasonCodes.DeliveryUnknown or ReasonCodes.PartlyStored or ReasonCodes.Poison):
                return Again(referral, now);
            case Reaction.ReopenIfRevoked when referral.ErrorCode == ReasonCodes.OrderRevoked:
                return Again(referral, now);
            case Reaction.ReopenIfRevoked:
                return Transition.None(referral);
            default:
                return new Change(referral, now).To(r => r with { OrderNoticed = version }).Note("order-changed").Done();
        }
    }

    /// <summary>Back to the beginning: the next package is made from the order as it then is. Attempts go on being counted: only <c>.retried</c> begins that anew.</summary>
    internal static Referral Afresh(Referral referral, DateTimeOffset now) => Unleashed(WithoutPackage(referral)) with
    {
        State = referral.State == ReferralState.Received ? ReferralState.Received : ReferralState.Gathering,
        DueAt = now,
        ErrorCode = null,
        ErrorMessage = null,
        GatherTries = 0,
        GatherDeadline = null,
        DeliveryDeadline = null,
        OutcomeUnknown = false,
        ResendAnyway = false,
        CancelCause = null,
        OrderNoticed = null,
        Recipient = referral.RecipientGiven ? referral.Recipient : null,
    };

    /// <summary>No work and no lease: whoever still holds one writes nothing any more.</summary>
    internal static Referral Unleashed(Referral referral) => referral with { DueAt = null, LeaseUntil = null, Working = false, Crashes = 0, Fence = referral.Fence + 1 };

    internal static Transition Cancelled(Referral referral, string cause, string code, DateTimeOffset now) => new Change(referral, now)
        .To(r => Unleashed(r) with
        {
            State = ReferralState.Cancelled,
            CancelCause = cause,
            ErrorCode = code,
            ErrorMessage = code == ReasonCodes.OrderRevoked ? "The order was revoked at the EHR." : "An operator cancelled it.",
            OutcomeUnknown = false,
            OrderNoticed = null,
        })
        .Event("cancelled").Done();

    private static Verdict Stop(Referral referral, Trigger trigger, string cause, string code, DateTimeOffset now)
        => ReactionTable.Of(ReactionTable.SituationOf(referral), trigger) switch
        {
            Reaction.Cancel => Allow(Cancelled(referral, cause, code, now)),
            Reaction.CancelPending when referral.CancelCause is not null => Allow(Transition.None(referral)),
            Reaction.CancelPending => Allow(new Change(referral, now)
                .To(r => r with { CancelCause = cause, DueAt = r.Working ? r.DueAt : now }).Note("cancel-pending").Done()),
            Reaction.Note when referral.CancelCause == cause => Allow(Transition.None(referral)),
            Reaction.Note => Allow(new Change(referral, now).To(r => r with { CancelCause = cause }).Note(code).Done()),
            Reaction.RefuseDelivered => Refuse(ReasonCodes.AlreadyDelivered, "It is delivered; nothing can be called back."),
            _ => Allow(Transition.None(referral)),
        };

    private static Verdict Resume(Referral held, DateTimeOffset now) => held.ErrorCode switch
    {
        ReasonCodes.PartlyStored => Refuse(ReasonCodes.PartlyStored, "The recipient stored part of it; it is never sent whole again. Settle it with the recipient, then cancel it here."),
        ReasonCodes.DeliveryUnknown => Allow(Resend(held, now, resendAnyway: true)),
        // Whatever it is held for: while a package may have landed, no other is made of it.
        _ when held.OutcomeUnknown => Allow(Resend(held, now, resendAnyway: false)),
        ReasonCodes.RecipientIncapable or ReasonCodes.TooLarge or ReasonCodes.VaultDamaged or ReasonCodes.RecordInvalid
            or ReasonCodes.ConsentDenied or ReasonCodes.ConsentMissing or ReasonCodes.ConsentUnclear => Allow(Again(held, now)),
        _ when held.PackageId is null => Allow(Again(held, now)),
        _ => Allow(Resend(held, now, resendAnyway: false)),
    };

    private static Transition Again(Referral referral, DateTimeOffset now)
        => new Change(referral, now).To(r => Afresh(r, now) with { Attempt = 0 }).Event("retried").Done();

    /// <summary>The same package again. An unknown outcome stays unknown: the recipient is asked before anything is sent.</summary>
    private static Transition Resend(Referral referral, DateTimeOffset now, bool resendAnyway) => new Change(referral, now)
        .To(r => Unleashed(r) with
        {
            State = r.OutcomeUnknown ? ReferralState.Delivering : ReferralState.Packaged,
            DueAt = now,
            Attempt = 0,
            DeliveryDeadline = null,
            ErrorCode = null,
            ErrorMessage = null,
            CancelCause = null,
            ResendAnyway = resendAnyway,
        })
        .Event("retried").Done();

    private static Transition DueNow(Referral referral, DateTimeOffset now) => new Change(referral, now)
        .To(r => r with { DueAt = Earlier(r.DueAt, now) }).Note("due-now").Done();

    private static Referral WithoutPackage(Referral referral) => referral with
    {
        PackageId = null, PackageForm = null, PackageDigest = null, PackageBytes = 0, PackageEntries = 0, PackageChunks = 0, PackagePurgedAt = null,
        TargetBase = null, OrderVersion = null,
    };

    private static DateTimeOffset Earlier(DateTimeOffset? due, DateTimeOffset now) => due is { } at && at < now ? at : now;

    private static Verdict.Allowed Allow(Transition transition) => new Verdict.Allowed(transition);

    private static Verdict.Refused Refuse(string code, string message) => new Verdict.Refused(code, message);
}
