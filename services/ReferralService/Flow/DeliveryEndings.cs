using ReferralService.Contracts;
using ReferralService.Delivery;
using ReferralService.Ledger;
using ReferralService.Ledger.Transitions;
using ReferralService.RecipientDirectory;

namespace ReferralService.Flow;

/// <summary>How a delivery step ends: outcomes and obstacles as transitions of the row as it then is.</summary>
internal sealed class DeliveryEndings(DeliveryOptions options, StepTime time)
{
    /// <summary>Asynchronous work is asked after at least so often, however long it takes.</summary>
    private static readonly TimeSpan LongestPollPause = TimeSpan.FromMinutes(10);

    /// <param name="by">What showed a delivery: answer, probe or poll.</param>
    public Transition After(Referral referral, DeliveryOutcome outcome, string by)
    {
        var now = time.Now;
        return outcome switch
        {
            DeliveryOutcome.Delivered d => StepTransitions.Delivered(referral, Details(d, by), now),
            DeliveryOutcome.Refused { Learned: not null } r => StepTransitions.NoEffect(referral, r.Code, referral.Attempt < 3 ? now : Due(referral, null), options.Deadline, Details(r), now),
            DeliveryOutcome.Refused { Fails: true } r => StepTransitions.Failed(referral, r.Code, "The recipient refused the package as it is.", Details(r), now),
            DeliveryOutcome.Refused { Code: ReasonCodes.VaultKeyMissing or ReasonCodes.VaultDamaged } r => StepTransitions.Blocked(referral, r.Code, RefusalMessages.For(r), null, now),
            DeliveryOutcome.Refused r => StepTransitions.Blocked(referral, r.Code, RefusalMessages.For(r), Details(r), now),
            DeliveryOutcome.Unreachable u => StepTransitions.NoEffect(referral, u.Code, Due(referral, u.RetryAfter), options.Deadline, Status(u.Status), now),
            DeliveryOutcome.Unknown u => StepTransitions.OutcomeUnknown(referral, ReasonCodes.OutcomeUnknown, Due(referral, null), options.Deadline, Status(u.Status), now),
            DeliveryOutcome.Working w => StepTransitions.TakenToBeDone(referral, w.StatusUrl, PollDue(referral, w.RetryAfter), options.Deadline, now),
            DeliveryOutcome.PartlyStored p => StepTransitions.Held(
                referral with { OutcomeUnknown = false }, ReasonCodes.PartlyStored, "The recipient stored a part of it and refused the rest. Settle it with the recipient; it is never sent whole again.", now,
                new Dictionary<string, string> { ["stored"] = $"{p.Stored}", ["failed"] = $"{p.Failed}", ["locations"] = string.Join(' ', p.Locations), ["issues"] = string.Join(' ', p.IssueCodes) }),
            DeliveryOutcome.Doubtful doubtful => Doubtful(referral, doubtful, now),
            _ => throw new InvalidOperationException("An outcome that no attempt has."),
        };
    }

    /// <summary>The same of an attempt's answer. While an earlier attempt may have landed, that this one was not taken says nothing of that one: the outcome stays unknown.</summary>
    /// <param name="unproved">The earlier one could not be asked about.</param>
    /// <param name="underWay">It was not there when it was asked about, but may still come.</param>
    /// <param name="wished">A person had said to send all the same: what was not taken goes again on that word.</param>
    public Transition AfterAttempt(Referral referral, DeliveryOutcome outcome, bool unproved, bool underWay, bool wished) => outcome switch
    {
        DeliveryOutcome.Unreachable u when unproved || underWay => NotTaken(referral, u.Code, Due(referral, u.RetryAfter), wished),
        DeliveryOutcome.Refused { Learned: { } learned } r when unproved && learned.StartsWith(RecipientFacts.IfNoneMatch, StringComparison.Ordinal)
            => NotTaken(referral, r.Code, referral.Attempt < 3 ? time.Now : Due(referral, null), wished),
        DeliveryOutcome.Refused r when unproved => StillUnknown(r.Code, Details(r))(referral),
        _ => After(referral, outcome, "answer"),
    };

    private Transition NotTaken(Referral referral, string code, DateTimeOffset due, bool wished)
        => StepTransitions.Postponed(referral with { ResendAnyway = wished }, code, due, options.Deadline, time.Now);

    /// <summary>Something of it is there: nothing is sent, and a person has it put in order over there.</summary>
    private static Transition Doubtful(Referral referral, DeliveryOutcome.Doubtful doubtful, DateTimeOffset now) => StepTransitions.Held(
        referral with { OutcomeUnknown = true }, ReasonCodes.DeliveryUnknown,
        doubtful.Cause == DeliveryOutcome.Doubtful.Deleted
            ? "The recipient had the package, and it was deleted there. Ask the recipient whether it was taken in: then cancel; if not, retry sends it again."
            : "The recipient has the package more than once, or a part of it, and whether that is all cannot be told; the timeline says where. Have it put in order there; retry asks again, cancel leaves it.", now,
        new Dictionary<string, string> { ["cause"] = doubtful.Cause, ["locations"] = string.Join(' ', doubtful.Locations) });

    /// <summary>A setting or a person must act; but while an attempt may have landed, that is what it is held for.</summary>
    public Func<Referral, Transition> Block(string code, string message, Referral held, IReadOnlyDictionary<string, string>? detail = null) => held.OutcomeUnknown
        ? StillUnknown(code, detail)
        : r => StepTransitions.Blocked(r, code, message, detail, time.Now);

    /// <summary>Whatever stands in the way of finding out: as long as the outcome is unknown, that is what it is held for, so that nothing but a person sends again.</summary>
    public Func<Referral, Transition> StillUnknown(string cause, IReadOnlyDictionary<string, string>? detail = null) => r => StepTransitions.Held(
        r, ReasonCodes.DeliveryUnknown, "Whether the recipient has the package cannot be found out now; the timeline says why. Mend that or ask the recipient; retry asks again and then sends, cancel leaves it.",
        time.Now, new Dictionary<string, string>(detail ?? new Dictionary<string, string>()) { ["cause"] = cause });

    public Func<Referral, Transition> Postpone(Referral held, string code, TimeSpan? retryAfter)
    {
        var due = PutOff(held, code, retryAfter);
        return r => StepTransitions.Postponed(r, code, due, options.Deadline, time.Now);
    }

    public DateTimeOffset Due(Referral referral, TimeSpan? retryAfter) => time.Again(Math.Max(0, referral.Attempt - 1), retryAfter);

    /// <summary>When to come again where nothing was tried: tries are not counted then, so it waits the longer the longer this cause has gone on without a break.</summary>
    /// <param name="ofRecipient">The recipient is the cause: no sooner than after its tries so far. An EHR's hiccup is no matter of those.</param>
    public DateTimeOffset PutOff(Referral held, string code, TimeSpan? retryAfter, bool ofRecipient = true)
    {
        // The pause before was half of what it had waited then: with it, three times that pause.
        var pause = held.ErrorCode == code && held is { DueAt: { } due, WaitsSince: { } since } ? due - since : TimeSpan.Zero;
        var own = time.Further(3 * pause, null);
        if (ofRecipient && time.Delay(Math.Max(0, held.Attempt - 1), null) is var byTries && byTries > own)
        {
            own = byTries;
        }

        if (held is { OutcomeUnknown: true, StatusUrl: not null } && own > LongestPollPause)
        {
            own = LongestPollPause;
        }

        var asked = time.Further(TimeSpan.Zero, retryAfter);
        return time.Now + (asked > own ? asked : own);
    }

    /// <summary>Until when the last attempt may still be under way, at the recipient or on the way there; null when it cannot be any more.</summary>
    public DateTimeOffset? StillInFlight(Referral held)
    {
        var until = held.AttemptAt + options.LongestAttempt(held.PackageBytes);
        return until > time.Now ? until : null;
    }

    /// <summary>As the recipient asks, else after a quarter of the time it has taken so far.</summary>
    private DateTimeOffset PollDue(Referral referral, TimeSpan? retryAfter)
    {
        var pause = retryAfter ?? ((time.Now - (referral.AttemptAt ?? time.Now)) / 4);
        return time.Now + TimeSpan.FromSeconds(Math.Clamp(pause.TotalSeconds, 1, LongestPollPause.TotalSeconds));
    }

    private static Dictionary<string, string> Details(DeliveryOutcome.Delivered delivered, string by)
    {
        var detail = new Dictionary<string, string> { ["by"] = by, ["status"] = $"{delivered.Status}" };
        if (delivered.Location is not null)
        {
            detail["location"] = delivered.Location;
        }

        if (delivered.Noted is not null)
        {
            detail["noted"] = delivered.Noted;
        }

        return detail;
    }

    private static Dictionary<string, string> Details(DeliveryOutcome.Refused refused)
    {
        var detail = new Dictionary<string, string>(refused.Detail ?? new Dictionary<string, string>());
        if (refused.Status is { } status)
        {
            detail["status"] = $"{status}";
        }

        if (refused.IssueCodes.Count > 0)
        {
            detail["issues"] = string.Join(' ', refused.IssueCodes);
        }

        if (refused.FirstIssue is not null)
        {
            detail["issue"] = refused.FirstIssue;
        }

        if (refused.Learned is not null)
        {
            detail["learned"] = refused.Learned;
        }

        return detail;
    }

    private static Dictionary<string, string>? Status(int? status) => status is null ? null : new() { ["status"] = $"{status}" };
}
