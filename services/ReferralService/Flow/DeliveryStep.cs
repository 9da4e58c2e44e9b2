using ReferralService.Contracts;
using ReferralService.Delivery;
using ReferralService.Gathering;
using ReferralService.Ledger;
using ReferralService.Ledger.Transitions;
using ReferralService.RecipientDirectory;

namespace ReferralService.Flow;

/// <summary>Room 6 of the walk: probe if the last outcome is unknown, read the order again, one attempt, one transition.</summary>
internal sealed partial class DeliveryStep(
    ReferralBook book,
    PackageVault vault,
    OrderReader orders,
    RecipientRegistry recipients,
    TargetFinder targets,
    PackageDelivery delivery,
    DeliveryOptions deliveryOptions,
    FlowOptions options,
    StepTime time,
    ILogger<DeliveryStep> log)
{
    public async Task RunAsync(Referral held, CancellationToken cancellationToken)
    {
        await using var lease = new LeaseKeeper(book, held, options.Lease, time.Clock, cancellationToken);
        if (await BeforeAttemptAsync(held, lease.Token) is { } instead)
        {
            StepEnding.Tell(log, await book.AdvanceAsync(held, instead, keepLease: null, cancellationToken));
        }
    }

    /// <summary>What ends the step, or null: what happened is written already.</summary>
    private async Task<Func<Referral, Transition>?> BeforeAttemptAsync(Referral held, CancellationToken cancellationToken)
    {
        if (recipients.Find(held.Recipient!) is not { } recipient || recipient.BaseUrl.AbsoluteUri != held.TargetBase)
        {
            return Block(ReasonCodes.EndpointWrong, "The recipient's address was changed or removed since the package was made; it goes nowhere else. Restore the address, or cancel and submit again.", held);
        }

        DeliveryTarget target;
        switch (await targets.FindAsync(held.Recipient!, cancellationToken))
        {
            case TargetResolution.Held no:
                return Block(no.Code, no.Message, held);
            case TargetResolution.Deferred later:
                return Postpone(held, later.Code, later.RetryAfter);
            case TargetResolution.Ready ready when ready.Target.Form != held.PackageForm && !held.OutcomeUnknown:
                return r => StepTransitions.BuildAgain(r, "form-changed", time.Now);
            case TargetResolution.Ready ready:
                target = ready.Target with { Form = held.PackageForm!.Value, Route = RouteFor(held.PackageForm.Value, ready.Target.Route) };
                break;
            default:
                throw new InvalidOperationException("A target that nobody knows.");
        }

        var package = new SendablePackage(
            held.PackageId!.Value, held.PackageDigest!, held.PackageBytes, (to, token) => CopyAsync(held.PackageId.Value, to, token))
        {
            Entries = held.PackageEntries,
        };

        var unproved = false;
        if (held.OutcomeUnknown || target.Route != DeliveryRoute.PutBundle)
        {
            // Also before the first POST: a ledger restored from a backup does not know that it was sent already.
            var (found, settled, absent) = await ProbeAsync(held, target, package, cancellationToken);
            if (settled)
            {
                return found;
            }

            unproved = held.OutcomeUnknown && !absent;
        }

        return await CheckOrderAsync(held, unproved, cancellationToken) ?? await AttemptAsync(held, target, package, cancellationToken);
    }

    /// <summary>Asks the recipient whether it has the package. Not settled: it has not (absent: proved), or a person said to send anyway; go on.</summary>
    private async Task<(Func<Referral, Transition>? Instead, bool Settled, bool Absent)> ProbeAsync(
        Referral held, DeliveryTarget target, SendablePackage package, CancellationToken cancellationToken)
    {
        var outcome = await delivery.ProbeAsync(target, package, cancellationToken);
        Log.Probed(log, held.Id, outcome.GetType().Name);
        switch (outcome)
        {
            case DeliveryOutcome.Delivered found:
                return (r => StepTransitions.Delivered(r, Details(found, "probe"), time.Now), true, false);
            case DeliveryOutcome.Unreachable later:
                return (Postpone(held, later.Code, later.RetryAfter), true, false);
            case DeliveryOutcome.Unknown unknown:
                return (Postpone(held, unknown.Code, null), true, false);
            case DeliveryOutcome.Absent or DeliveryOutcome.Unprovable or DeliveryOutcome.Refused when !held.OutcomeUnknown:
                return (null, false, false);
            case DeliveryOutcome.Absent when target.Route != DeliveryRoute.PutBundle && StillInFlight(held) is { } until:
                // The recipient may still be at work on the last attempt: a repetition now could become a second effect.
                await book.ReleaseAsync(held.Id, held.Fence, until, cancellationToken);
                return (null, true, false);
            case DeliveryOutcome.Absent:
                return StepTransitions.NotLanded(held, time.Now) is null
                    ? (null, false, true)
                    : (r => StepTransitions.NotLanded(r, time.Now) ?? Transition.None(r), true, true);
            case DeliveryOutcome.Unprovable or DeliveryOutcome.Refused when held.ResendAnyway:
                return (null, false, false);
            case DeliveryOutcome.Unprovable:
                return (StillUnknown("unprovable"), true, false);
            case DeliveryOutcome.Refused no:
                return (StillUnknown(no.Code), true, false);
            default:
                throw new InvalidOperationException("A probe that nobody knows.");
        }
    }

    /// <summary>Null: the order still stands as it was packaged.</summary>
    /// <param name="unproved">An attempt may have landed, and a person said to send anyway: that is leave for the same package only, so nothing else is made or ended on the strength of it.</param>
    private async Task<Func<Referral, Transition>?> CheckOrderAsync(Referral held, bool unproved, CancellationToken cancellationToken)
    {
        switch (await orders.ReadAsync(held.Ehr, held.OrderId, cancellationToken))
        {
            case OrderReading.Found { Order: var order } when unproved && (OrderCriteria.IsRevoked(order.View) || order.Version != held.OrderVersion):
                return StillUnknown(OrderCriteria.IsRevoked(order.View) ? ReasonCodes.OrderRevoked : "order-changed");
            case OrderReading.Found { Order.View: var view } when OrderCriteria.IsRevoked(view):
                return r => ReferralTransitions.Revoke(r with { OutcomeUnknown = false }, time.Now) is Verdict.Allowed allowed ? allowed.Transition : Transition.None(r);
            case OrderReading.Found { Order.View: var view } when OrderCriteria.WhyNotActionable(view) is not null:
                return Block(ReasonCodes.NotActionable, "The order is no longer one to act on: it must be active, an order, and not marked do-not-perform.", held);
            case OrderReading.Found { Order: var order } when order.Version != held.OrderVersion:
                return r => StepTransitions.BuildAgain(r with { OutcomeUnknown = false }, "order-changed", time.Now);
            case OrderReading.Found:
                return null;
            case OrderReading.Gone or OrderReading.NotFound:
                return Block(ReasonCodes.OrderGone, "The ServiceRequest is no longer at the EHR.", held);
            case OrderReading.Unreadable { NeedsPerson: true } no:
                return Block(no.Code, "The EHR does not let the order be read again. See the EHR's settings, then retry.", held);
            case OrderReading.Unreadable later:
                // Asked and found absent, the last attempt had no effect; a person who said to send anyway has proved nothing.
                return unproved
                    ? Postpone(held, later.Code, later.RetryAfter)
                    : r => StepTransitions.NoEffect(r, later.Code, Due(held, later.RetryAfter), deliveryOptions.Deadline, null, time.Now);
            default:
                throw new InvalidOperationException("A reading that nobody knows.");
        }
    }

    private async Task<Func<Referral, Transition>?> AttemptAsync(Referral held, DeliveryTarget target, SendablePackage package, CancellationToken cancellationToken)
    {
        var longest = deliveryOptions.LongestAttempt(held.PackageBytes);
        var begun = await book.AdvanceAsync(held, r => StepTransitions.AttemptBegun(r, deliveryOptions.Deadline, time.Now), longest + options.Lease, cancellationToken);
        if (begun is null)
        {
            Log.LeaseLost(log, held.Id);
            return null;
        }

        var started = time.Clock.GetTimestamp();
        var outcome = await SendAsync(target, package, longest, cancellationToken);
        Log.Attempted(log, held.Id, begun.Attempt, outcome.GetType().Name, (long)time.Clock.GetElapsedTime(started).TotalMilliseconds);
        FaultPoint.Hit("K12", held.OrderId);
        await WriteAsync(begun, outcome, cancellationToken);
        FaultPoint.Hit("K13", held.OrderId);
        return null;
    }

    /// <summary>The answer cannot be had again: it is written whatever the process is told meanwhile, and a ledger that is away is waited for as long as the lease may hold.</summary>
    private async Task WriteAsync(Referral begun, DeliveryOutcome outcome, CancellationToken cancellationToken)
    {
        var until = time.Now + options.Lease;
        while (true)
        {
            try
            {
                StepEnding.Tell(log, await book.AdvanceAsync(begun, r => After(r, outcome), keepLease: null, CancellationToken.None));
                return;
            }
            catch (LedgerUnavailableException gone) when (time.Now < until && !cancellationToken.IsCancellationRequested)
            {
                Log.AnswerWaits(log, begun.Id, gone.Code);
                await Task.Delay(options.LookEvery, time.Clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<DeliveryOutcome> SendAsync(DeliveryTarget target, SendablePackage package, TimeSpan longest, CancellationToken cancellationToken)
    {
        using var end = new CancellationTokenSource(longest, time.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, end.Token);
        try
        {
            return await delivery.SendAsync(target, package, either.Token);
        }
        catch (OperationCanceledException)
        {
            return new DeliveryOutcome.Unknown(ReasonCodes.OutcomeUnknown, null);
        }
    }

    private Transition After(Referral referral, DeliveryOutcome outcome)
    {
        var now = time.Now;
        return outcome switch
        {
            DeliveryOutcome.Delivered d => StepTransitions.Delivered(referral, Details(d, "answer"), now),
            DeliveryOutcome.Refused { Learned: not null } r => StepTransitions.NoEffect(referral, r.Code, referral.Attempt < 3 ? now : Due(referral, null), deliveryOptions.Deadline, Details(r), now),
            DeliveryOutcome.Refused { Fails: true } r => StepTransitions.Failed(referral, r.Code, "The recipient refused the package as it is.", Details(r), now),
            DeliveryOutcome.Refused { Code: ReasonCodes.VaultKeyMissing } => StepTransitions.Blocked(
                referral, ReasonCodes.VaultKeyMissing, "The key the package is encrypted with is not in Vault:KeyFile; nothing was sent. Put it back, start the service again, then retry.", null, now),
            DeliveryOutcome.Refused { Code: ReasonCodes.VaultDamaged } => StepTransitions.Blocked(
                referral, ReasonCodes.VaultDamaged, "What is stored is not what was packaged, so it was not sent. See to the database; retry makes a new package from the EHR.", null, now),
            DeliveryOutcome.Refused r => StepTransitions.Blocked(referral, r.Code, "The recipient does not take it like this; a setting here or there must change.", Details(r), now),
            DeliveryOutcome.Unreachable u => StepTransitions.NoEffect(referral, u.Code, Due(referral, u.RetryAfter), deliveryOptions.Deadline, Status(u.Status), now),
            DeliveryOutcome.Unknown u => StepTransitions.OutcomeUnknown(referral, ReasonCodes.OutcomeUnknown, Due(referral, null), deliveryOptions.Deadline, Status(u.Status), now),
            DeliveryOutcome.PartlyStored p => StepTransitions.Held(
                referral with { OutcomeUnknown = false }, ReasonCodes.PartlyStored, "The recipient stored a part of it and refused the rest. Settle it with the recipient; it is never sent whole again.", now,
                new Dictionary<string, string> { ["stored"] = $"{p.Stored}", ["failed"] = $"{p.Failed}", ["locations"] = string.Join(' ', p.Locations), ["issues"] = string.Join(' ', p.IssueCodes) }),
            _ => throw new InvalidOperationException("An outcome that no attempt has."),
        };
    }

    private async Task CopyAsync(Guid packageId, Stream to, CancellationToken cancellationToken)
    {
        if (!await vault.CopyToAsync(packageId, VaultPart.Bundle, to, cancellationToken))
        {
            throw VaultUnreadableException.Damaged();
        }
    }

    /// <summary>Until when the last attempt may still be under way, at the recipient or on the way there; null when it cannot be any more.</summary>
    private DateTimeOffset? StillInFlight(Referral held)
    {
        var until = held.AttemptAt + deliveryOptions.LongestAttempt(held.PackageBytes);
        return until > time.Now ? until : null;
    }

    private Func<Referral, Transition> Block(string code, string message, Referral held) => held.OutcomeUnknown
        ? StillUnknown(code)
        : r => StepTransitions.Blocked(r, code, message, null, time.Now);

    /// <summary>Whatever stands in the way of finding out: as long as the outcome is unknown, that is what it is held for, so that nothing but a person sends again.</summary>
    private Func<Referral, Transition> StillUnknown(string cause) => r => StepTransitions.Held(
        r, ReasonCodes.DeliveryUnknown, "Whether the recipient has the package cannot be found out now; the timeline says why. Mend that or ask the recipient; retry asks again and then sends, cancel leaves it.",
        time.Now, new Dictionary<string, string> { ["cause"] = cause });

    private Func<Referral, Transition> Postpone(Referral held, string code, TimeSpan? retryAfter)
    {
        var due = Due(held, retryAfter);
        return r => StepTransitions.Postponed(r, code, due, deliveryOptions.Deadline, time.Now);
    }

    private DateTimeOffset Due(Referral referral, TimeSpan? retryAfter) => time.Now + Backoff.Delay(Math.Max(0, referral.Attempt - 1), time.Jitter(), retryAfter);

    private static DeliveryRoute RouteFor(PackageForm form, DeliveryRoute offered) => form switch
    {
        PackageForm.Transaction => DeliveryRoute.Transaction,
        _ when offered == DeliveryRoute.Transaction => DeliveryRoute.PostBundle,
        _ => offered,
    };

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
        var detail = refused.Status is { } status ? Status(status)! : [];
        if (refused.IssueCodes.Count > 0)
        {
            detail["issues"] = string.Join(' ', refused.IssueCodes);
        }

        if (refused.Learned is not null)
        {
            detail["learned"] = refused.Learned;
        }

        return detail;
    }

    private static Dictionary<string, string>? Status(int? status) => status is null ? null : new() { ["status"] = $"{status}" };

    private static partial class Log
    {
        [LoggerMessage(8201, LogLevel.Information, "Referral {Referral} attempt {Attempt}: {Outcome} after {Milliseconds} ms")]
        public static partial void Attempted(ILogger log, ReferralId referral, int attempt, string outcome, long milliseconds);

        [LoggerMessage(8202, LogLevel.Information, "Referral {Referral} probed: {Outcome}")]
        public static partial void Probed(ILogger log, ReferralId referral, string outcome);

        [LoggerMessage(8203, LogLevel.Warning, "Referral {Referral}: the lease was lost before the attempt; nothing was sent")]
        public static partial void LeaseLost(ILogger log, ReferralId referral);

        [LoggerMessage(8204, LogLevel.Warning, "Referral {Referral}: the recipient's answer cannot be written yet ({Code}); tried again")]
        public static partial void AnswerWaits(ILogger log, ReferralId referral, string code);
    }
}
