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
    OrderRereading orders,
    RecipientRegistry recipients,
    TargetFinder targets,
    PackageDelivery delivery,
    OutcomeInquiry inquiry,
    DeliveryEndings endings,
    DeliveryOptions deliveryOptions,
    FlowOptions options,
    StepTime time,
    ILogger<DeliveryStep> log)
{
    public async Task RunAsync(Referral held, CancellationToken cancellationToken)
    {
        await using var lease = new LeaseKeeper(book, held, options.Lease, time.Clock, log, cancellationToken);
        if (await BeforeAttemptAsync(held, lease) is { } instead)
        {
            StepEnding.Tell(log, await book.AdvanceAsync(held, instead, keepLease: null, cancellationToken));
        }
    }

    /// <summary>What ends the step, or null: what happened is written already.</summary>
    private async Task<Func<Referral, Transition>?> BeforeAttemptAsync(Referral held, LeaseKeeper lease)
    {
        var cancellationToken = lease.Token;
        if (recipients.Find(held.Recipient!) is not { } recipient || recipient.BaseUrl.AbsoluteUri != held.TargetBase)
        {
            return endings.Block(ReasonCodes.EndpointWrong, "The recipient's address was changed or removed since the package was made; it goes nowhere else. Restore the address, or cancel and submit again.", held);
        }

        DeliveryTarget target;
        switch (await targets.FindAsync(held.Recipient!, held.UpdatedAt, cancellationToken))
        {
            case TargetResolution.Awaited awaited:
                return await LeaveAsync(held, time.Now + Backoff.UntilAnswered(awaited.For, time.Jitter()), cancellationToken);
            case TargetResolution.Held no:
                return endings.Block(no.Code, no.Message, held, no.Detail);
            case TargetResolution.Deferred later:
                return endings.Postpone(held, later.Code, later.RetryAfter);
            case TargetResolution.Ready ready when ready.Target.Form != held.PackageForm && !held.OutcomeUnknown:
                return r => StepTransitions.BuildAgain(r, "form-changed", time.Now);
            case TargetResolution.Ready ready:
                target = WayFor(held, ready.Target);
                break;
            default:
                throw new InvalidOperationException("A target that nobody knows.");
        }

        var package = new SendablePackage(
            held.PackageId!.Value, held.PackageDigest!, held.PackageBytes, (to, token) => CopyAsync(held.PackageId.Value, to, token))
        {
            Entries = held.PackageEntries,
        };

        switch (await inquiry.AskAsync(held, recipient, target, package, cancellationToken))
        {
            case InquiryAnswer.Ends ends:
                return ends.Ending;
            case InquiryAnswer.Wait wait:
                return await LeaveAsync(held, wait.Until, cancellationToken);
            case InquiryAnswer.Clear clear:
                return await GoOnAsync(held, target, package, clear, lease);
            default:
                throw new InvalidOperationException("An answer that nobody knows.");
        }
    }

    private async Task<Func<Referral, Transition>?> GoOnAsync(
        Referral held, DeliveryTarget target, SendablePackage package, InquiryAnswer.Clear clear, LeaseKeeper lease)
    {
        if (clear.Unproved && held.CancelCause is not null)
        {
            // Harmless or wished for before: whoever cancelled it since does not want it sent.
            return endings.StillUnknown("cancel-pending");
        }

        var reading = await orders.ReadAsync(held.Ehr, held.OrderId, lease.Token);
        if (clear.Until is { } until && EndsHere(held, reading))
        {
            // The last attempt may still land: what comes of the order's change, or of its end, waits until that is decided.
            return await LeaveAsync(held, until, lease.Token);
        }

        return CheckOrder(held, reading, clear) ?? await AttemptAsync(held, target, package, clear, lease);
    }

    /// <summary>Given back as it is, until then; a step that leaves like this has written nothing.</summary>
    private async Task<Func<Referral, Transition>?> LeaveAsync(Referral held, DateTimeOffset until, CancellationToken cancellationToken)
    {
        await book.ReleaseAsync(held.Id, held.Fence, until, cancellationToken);
        return null;
    }

    /// <summary>The order as it was packaged is not to be sent any more.</summary>
    private static bool EndsHere(Referral held, OrderReading reading) => reading switch
    {
        OrderReading.Found { Order: var order } => IsOther(held, order) || OrderCriteria.WhyNotActionable(order.View) is not null,
        OrderReading.Unreadable no => no.NeedsPerson,
        _ => true,
    };

    private static bool IsOther(Referral held, OrderSnapshot order) => OrderCriteria.IsRevoked(order.View) || order.Version != held.OrderVersion;

    /// <summary>Null: the order still stands as it was packaged.</summary>
    /// <param name="clear">Unproved: an attempt may have landed; that the same package may be sent again is no leave for anything else to be made or ended.</param>
    private Func<Referral, Transition>? CheckOrder(Referral held, OrderReading reading, InquiryAnswer.Clear clear)
    {
        // Asked and found absent, the last attempt had no effect: what stands in the way now is told for what it is.
        var asked = held with { OutcomeUnknown = clear.Unproved };
        switch (reading)
        {
            case OrderReading.Found { Order: var order } when clear.Unproved && IsOther(held, order):
                return endings.StillUnknown(OrderCriteria.IsRevoked(order.View) ? ReasonCodes.OrderRevoked : "order-changed");
            case OrderReading.Found { Order.View: var view } when OrderCriteria.IsRevoked(view):
                return r => ReferralTransitions.Revoke(r with { OutcomeUnknown = false }, time.Now) is Verdict.Allowed allowed ? allowed.Transition : Transition.None(r);
            case OrderReading.Found { Order.View: var view } when OrderCriteria.WhyNotActionable(view) is not null:
                return endings.Block(ReasonCodes.NotActionable, "The order is no longer one to act on: it must be active, an order, and not marked do-not-perform.", asked);
            case OrderReading.Found { Order: var order } when order.Version != held.OrderVersion:
                return r => StepTransitions.BuildAgain(r with { OutcomeUnknown = false }, "order-changed", time.Now);
            case OrderReading.Found:
                return null;
            case OrderReading.Gone or OrderReading.NotFound:
                return endings.Block(ReasonCodes.OrderGone, "The ServiceRequest is no longer at the EHR.", asked);
            case OrderReading.Unreadable { NeedsPerson: true } no:
                return endings.Block(no.Code, "The EHR does not let the order be read again. See the EHR's settings, then retry.", asked);
            case OrderReading.Unreadable later:
                var due = endings.PutOff(held, later.Code, later.RetryAfter, ofRecipient: false);
                // A person who said to send anyway has proved nothing.
                return clear is { Unproved: true } or { Until: not null }
                    ? r => StepTransitions.Postponed(r, later.Code, due, deliveryOptions.Deadline, time.Now)
                    : r => StepTransitions.NoEffect(r, later.Code, due, deliveryOptions.Deadline, null, time.Now);
            default:
                throw new InvalidOperationException("A reading that nobody knows.");
        }
    }

    private async Task<Func<Referral, Transition>?> AttemptAsync(
        Referral held, DeliveryTarget target, SendablePackage package, InquiryAnswer.Clear clear, LeaseKeeper lease)
    {
        var longest = deliveryOptions.LongestAttempt(held.PackageBytes);
        var asked = time.Now;
        var begun = await book.AdvanceAsync(
            held,
            r => HasNews(r, held) ? Transition.None(r) : StepTransitions.AttemptBegun(r, deliveryOptions.Deadline, time.Now, target.Idempotency.ToString()),
            longest + options.Lease, lease.Token);
        if (begun is null)
        {
            Log.LeaseLost(log, held.Id);
            return null;
        }

        lease.HoldsUntil(asked + longest + options.Lease);
        if (HasNews(begun, held))
        {
            // Cancelled, or ordered otherwise, while the recipient and the EHR were asked: decided anew, before anything is sent.
            return await LeaveAsync(held, time.Now, lease.Token);
        }

        if (lease.MayBeOver)
        {
            // The process was frozen between: another may have sent it already.
            Log.LeaseLost(log, held.Id);
            return await LeaveAsync(held, time.Now, lease.Token);
        }

        var started = time.Clock.GetTimestamp();
        var outcome = await SendAsync(target, package, longest, lease.Token);
        Log.Attempted(log, held.Id, begun.Attempt, outcome.GetType().Name, (long)time.Clock.GetElapsedTime(started).TotalMilliseconds);
        FaultPoint.Hit("K12", held.OrderId);
        await WriteAsync(begun, r => endings.AfterAttempt(r, outcome, clear.Unproved, clear.Until is not null, held.ResendAnyway), lease);
        FaultPoint.Hit("K13", held.OrderId);
        return null;
    }

    private static bool HasNews(Referral now, Referral held) => (now.CancelCause, now.OrderNoticed) != (held.CancelCause, held.OrderNoticed);

    /// <summary>The answer cannot be had again: it is written whatever the process is told meanwhile, and a ledger that is away is waited for as long as the lease of the whole attempt holds.</summary>
    private async Task WriteAsync(Referral begun, Func<Referral, Transition> ending, LeaseKeeper lease)
    {
        while (true)
        {
            try
            {
                StepEnding.Tell(log, await book.AdvanceAsync(begun, ending, keepLease: null, CancellationToken.None));
                return;
            }
            catch (LedgerUnavailableException gone) when (!lease.MayBeOver && !lease.Token.IsCancellationRequested)
            {
                Log.AnswerWaits(log, begun.Id, gone.Code);
                await Task.Delay(options.LookEvery, time.Clock, lease.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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

    private async Task CopyAsync(Guid packageId, Stream to, CancellationToken cancellationToken)
    {
        if (!await vault.CopyToAsync(packageId, VaultPart.Bundle, to, cancellationToken))
        {
            throw VaultUnreadableException.Damaged();
        }
    }

    /// <summary>The route and character for a package that is built already. While an attempt may have landed, the way it went is the way it is asked for and repeated, whatever the recipient tells of itself now.</summary>
    private static DeliveryTarget WayFor(Referral held, DeliveryTarget offered)
    {
        var form = held.PackageForm!.Value;
        var route = form == PackageForm.Transaction ? DeliveryRoute.Transaction
            : held is { OutcomeUnknown: true, AttemptBy: { } by } ? (by == nameof(Idempotency.PutId) ? DeliveryRoute.PutBundle : DeliveryRoute.PostBundle)
            : offered.Route == DeliveryRoute.Transaction ? DeliveryRoute.PostBundle
            : offered.Route;
        return offered with
        {
            Form = form,
            Route = route,
            Idempotency = route == DeliveryRoute.PutBundle ? Idempotency.PutId : offered.Idempotency == Idempotency.PutId ? Idempotency.Probe : offered.Idempotency,
        };
    }

    private static partial class Log
    {
        [LoggerMessage(8201, LogLevel.Information, "Referral {Referral} attempt {Attempt}: {Outcome} after {Milliseconds} ms")]
        public static partial void Attempted(ILogger log, ReferralId referral, int attempt, string outcome, long milliseconds);

        [LoggerMessage(8203, LogLevel.Warning, "Referral {Referral}: the lease was lost before the attempt; nothing was sent")]
        public static partial void LeaseLost(ILogger log, ReferralId referral);

        [LoggerMessage(8204, LogLevel.Warning, "Referral {Referral}: the recipient's answer cannot be written yet ({Code}); tried again")]
        public static partial void AnswerWaits(ILogger log, ReferralId referral, string code);
    }
}
