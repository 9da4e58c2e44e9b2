using ReferralService.Contracts;
using ReferralService.Delivery;
using ReferralService.Ledger;
using ReferralService.Ledger.Transitions;
using ReferralService.RecipientDirectory;

namespace ReferralService.Flow;

/// <summary>What was found out before an attempt. Closed.</summary>
internal abstract record InquiryAnswer
{
    private InquiryAnswer() { }

    /// <summary>Go on.</summary>
    /// <param name="Unproved">An earlier attempt may have landed, and sending the same package again is allowed all the same: harmless there, or a person's wish.</param>
    /// <param name="Until">It was not there, but an earlier attempt may be under way until then: the same again is harmless, another package is not. Null: none is.</param>
    public sealed record Clear(bool Unproved, DateTimeOffset? Until) : InquiryAnswer;

    /// <summary>The step ends so.</summary>
    public sealed record Ends(Func<Referral, Transition> Ending) : InquiryAnswer;

    /// <summary>Nothing can be done before that instant.</summary>
    public sealed record Wait(DateTimeOffset Until) : InquiryAnswer;
}

/// <summary>Asks a recipient, before anything is sent, whether it has the package already: where it said that it works on it, then by id or identifier.</summary>
internal sealed partial class OutcomeInquiry(PackageDelivery delivery, DeliveryEndings endings, DeliveryOptions options, StepTime time, ILogger<OutcomeInquiry> log)
{
    /// <remarks>Also before the first attempt: a ledger restored from a backup does not know what it had sent.</remarks>
    public async Task<InquiryAnswer> AskAsync(Referral held, RecipientOptions recipient, DeliveryTarget target, SendablePackage package, CancellationToken cancellationToken)
    {
        if (held is { OutcomeUnknown: true, StatusUrl: { Length: > 0 } statusUrl } && await PollAsync(held, target, package, statusUrl, cancellationToken) is { } told)
        {
            return told;
        }

        if (recipient.Idempotency == Idempotency.None)
        {
            return held.OutcomeUnknown && !held.ResendAnyway ? new InquiryAnswer.Ends(endings.StillUnknown("nothing-provable")) : new InquiryAnswer.Clear(held.OutcomeUnknown, null);
        }

        var outcome = await delivery.ProbeAsync(target, package, cancellationToken);
        Log.Asked(log, held.Id, outcome.GetType().Name);
        if (outcome is DeliveryOutcome.PartlyStored && endings.StillInFlight(held) is { } until)
        {
            // A recipient that stores entry by entry may be in the midst of it.
            return new InquiryAnswer.Wait(until);
        }

        return outcome switch
        {
            // A person has asked over there what became of it, and wishes it sent again.
            DeliveryOutcome.Doubtful { Cause: DeliveryOutcome.Doubtful.Deleted } when held.ResendAnyway => new InquiryAnswer.Clear(true, null),
            DeliveryOutcome.Delivered or DeliveryOutcome.Doubtful or DeliveryOutcome.PartlyStored => new InquiryAnswer.Ends(r => endings.After(r, outcome, "probe")),
            DeliveryOutcome.Unreachable later => new InquiryAnswer.Ends(endings.Postpone(held, later.Code, later.RetryAfter)),
            DeliveryOutcome.Unknown unknown => new InquiryAnswer.Ends(endings.Postpone(held, unknown.Code, null)),
            DeliveryOutcome.Absent or DeliveryOutcome.Unprovable or DeliveryOutcome.Refused when !held.OutcomeUnknown => new InquiryAnswer.Clear(false, null),
            DeliveryOutcome.Absent => Absent(held, target),
            DeliveryOutcome.Unprovable or DeliveryOutcome.Refused when held.ResendAnyway => new InquiryAnswer.Clear(true, null),
            DeliveryOutcome.Unprovable or DeliveryOutcome.Refused when IsHarmless(held, target) => Harmless(held, target),
            DeliveryOutcome.Unprovable => new InquiryAnswer.Ends(endings.StillUnknown("unprovable")),
            DeliveryOutcome.Refused no => new InquiryAnswer.Ends(endings.StillUnknown(no.Code, no.Detail)),
            _ => throw new InvalidOperationException("A probe that nobody knows."),
        };
    }

    private async Task<InquiryAnswer?> PollAsync(Referral held, DeliveryTarget target, SendablePackage package, string statusUrl, CancellationToken cancellationToken)
    {
        var outcome = await delivery.PollAsync(target, package, statusUrl, cancellationToken);
        Log.Polled(log, held.Id, outcome.GetType().Name);
        return outcome switch
        {
            // A person's word goes around a place that does not answer.
            DeliveryOutcome.Unreachable when held.ResendAnyway => null,
            DeliveryOutcome.Unreachable later => new InquiryAnswer.Ends(endings.Postpone(held, later.Code, later.RetryAfter)),
            DeliveryOutcome.Unknown => null,
            _ => new InquiryAnswer.Ends(r => endings.After(r, outcome, "poll")),
        };
    }

    private InquiryAnswer Absent(Referral held, DeliveryTarget target)
    {
        var waits = StepTransitions.NotLanded(held, time.Now) is not null;
        if (held is { StatusUrl: "", ResendAnyway: false } && (waits || target.Idempotency != Idempotency.PutId))
        {
            // It was taken to be done later, nobody knows when: that it is not there yet proves nothing.
            return new InquiryAnswer.Ends(endings.Postpone(held, ReasonCodes.RecipientWorking, null));
        }

        var until = endings.StillInFlight(held);
        if (until is { } instant && (waits || target.Idempotency != Idempotency.PutId))
        {
            // The recipient may still be at work on the last attempt: a repetition now could become a second effect, and a cancel an untruth.
            return new InquiryAnswer.Wait(instant);
        }

        return waits
            ? new InquiryAnswer.Ends(r => StepTransitions.NotLanded(r, time.Now) ?? Transition.None(r))
            : new InquiryAnswer.Clear(false, until);
    }

    /// <summary>The last attempt and the next one are the same thing to the recipient: it was put under our id, or carried our key, and will be again.</summary>
    private static bool IsHarmless(Referral held, DeliveryTarget target)
        => target.Idempotency is Idempotency.PutId or Idempotency.IdempotencyKey && held.AttemptBy == target.Idempotency.ToString();

    /// <summary>Two requests with one key at the same time may both be carried out; two PUTs under one id end as one.</summary>
    private InquiryAnswer Harmless(Referral held, DeliveryTarget target)
        => target.Idempotency == Idempotency.IdempotencyKey && endings.StillInFlight(held) is { } until
            ? new InquiryAnswer.Wait(until)
            : held.DeliveryDeadline <= time.Now
                ? new InquiryAnswer.Ends(r => StepTransitions.Postponed(r, ReasonCodes.OutcomeUnknown, time.Now, options.Deadline, time.Now))
                : new InquiryAnswer.Clear(true, null);

    private static partial class Log
    {
        [LoggerMessage(8202, LogLevel.Information, "Referral {Referral} probed: {Outcome}")]
        public static partial void Asked(ILogger log, ReferralId referral, string outcome);

        [LoggerMessage(8205, LogLevel.Information, "Referral {Referral}: its recipient was asked what became of the work it took: {Outcome}")]
        public static partial void Polled(ILogger log, ReferralId referral, string outcome);
    }
}
