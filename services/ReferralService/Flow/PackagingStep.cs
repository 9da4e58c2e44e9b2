using ReferralService.Contracts;
using ReferralService.Gathering;
using ReferralService.Ledger;
using ReferralService.Ledger.Transitions;
using ReferralService.Packaging;
using ReferralService.RecipientDirectory;

namespace ReferralService.Flow;

/// <summary>Rooms 2 to 5 of the walk: read the order, find the recipient, gather, package, vault; one transition at the end.</summary>
internal sealed partial class PackagingStep(
    ReferralBook book,
    PackageVault vault,
    DisclosureBook disclosures,
    RequisitionBook requisitions,
    OrderReader orders,
    RecipientResolver resolver,
    RecipientRegistry recipients,
    TargetFinder targets,
    RecordGatherer gatherer,
    PackageBuilder builder,
    PartnerPauses pauses,
    GatheringOptions gathering,
    FlowOptions options,
    StepTime time,
    ILogger<PackagingStep> log)
{
    /// <summary>A new order may not be visible yet where it is read: 404 is no answer before this.</summary>
    private static readonly TimeSpan VisibleWithin = TimeSpan.FromMinutes(5);

    /// <summary>How often it is looked whether a paused recipient is still paused; its resumption makes the referral due at once.</summary>
    private static readonly TimeSpan PauseLook = TimeSpan.FromSeconds(20);

    /// <returns>The row as it was packaged, for its delivery to be taken up; null: there is nothing to take up.</returns>
    public async Task<Referral?> RunAsync(Referral held, CancellationToken cancellationToken)
    {
        await using var lease = new LeaseKeeper(book, held, options.Lease, time.Clock, log, cancellationToken);
        FaultPoint.Hit("K05", held.OrderId);
        if (await WorkAsync(held, lease.Token) is not { } next)
        {
            return null;
        }

        var after = await book.AdvanceAsync(held, next, keepLease: null, cancellationToken, takesUp: true);
        StepEnding.Tell(log, after);
        if (after is not { State: ReferralState.Packaged })
        {
            return null;
        }

        FaultPoint.Hit("K09", held.OrderId);
        return after;
    }

    /// <summary>Does the work and says how it ended: a transition to be applied to the row as it then is. Null: it was given back as it was.</summary>
    private async Task<Func<Referral, Transition>?> WorkAsync(Referral held, CancellationToken cancellationToken)
    {
        if (held.Recipient is { } named && recipients.Find(named) is { Form: RecipientForm.Auto } && targets.Awaits(named, held.UpdatedAt) is { } asked)
        {
            return await LeaveAsync(held, asked, cancellationToken);
        }

        var reading = await orders.ReadAsync(held.Ehr, held.OrderId, cancellationToken);
        if (reading is not OrderReading.Found { Order: var order })
        {
            return Unread(held, reading);
        }

        // Beside the rest, because it is a durable write of its own; awaited before the step ends however it ends: what is held is looked for most.
        var kept = order.View.Requisition?.Value is { } requisition ? requisitions.KeepAsync(held, requisition, cancellationToken) : Task.CompletedTask;
        try
        {
            return await GoOnAsync(held, order, cancellationToken);
        }
        finally
        {
            await kept;
        }
    }

    /// <summary>From the order as it was read.</summary>
    private async Task<Func<Referral, Transition>?> GoOnAsync(Referral held, OrderSnapshot order, CancellationToken cancellationToken)
    {
        if (OrderCriteria.IsRevoked(order.View))
        {
            return r => ReferralTransitions.Revoke(r, time.Now) is Verdict.Allowed allowed ? allowed.Transition : Transition.None(r);
        }

        if (OrderCriteria.WhyNotActionable(order.View) is { } why)
        {
            return Hold(held.Recipient, ReasonCodes.NotActionable, "The order is not one to act on: it must be active, an order, and not marked do-not-perform.", order, why);
        }

        var (recipient, unresolved) = held.Recipient is { } known ? (known, null) : await ResolveAsync(held, order, cancellationToken);
        if (unresolved is not null)
        {
            return unresolved;
        }

        if ((await pauses.AllAsync(cancellationToken)).ContainsKey(RecipientFacts.Partner(recipient!)))
        {
            // Its /metadata decides the form, and a paused partner is not asked anything.
            return r => StepTransitions.SetAside(r, RecipientFacts.Partner(recipient!), time.Now + PauseLook, time.Now);
        }

        if (recipients.Find(recipient!) is not { } target)
        {
            return Hold(recipient, ReasonCodes.RecipientUnknown, "The recipient is not configured. Add it under Recipients, or retry with another recipient.", order);
        }

        var (form, otherwise) = await DecideFormAsync(target, held.UpdatedAt, cancellationToken);
        switch (otherwise)
        {
            case TargetResolution.Held no:
                return r => StepTransitions.GatherHeld(r, recipient, order.Version, no.Code, no.Message, time.Now, no.Detail);
            case TargetResolution.Deferred later:
                return Await(held, later, order);
            case TargetResolution.Awaited awaited:
                return await LeaveAsync(held, awaited.For, cancellationToken);
        }

        var began = time.Clock.GetTimestamp();
        switch (await gatherer.GatherAsync(order, time.Now, held.GatherTries, cancellationToken))
        {
            case GatherOutcome.Deferred deferred:
                return Defer(held, deferred.Code, deferred.RetryAfter, order);
            case GatherOutcome.Impossible impossible:
                return Hold(recipient, impossible.Code, impossible.Message, order);
            case GatherOutcome.Gathered { Record: var record }:
                await using (record)
                {
                    return await PackAsync(held, record, time.Clock.GetElapsedTime(began), recipient!, target, form, cancellationToken);
                }

            default:
                throw new InvalidOperationException("A gather outcome that nobody knows.");
        }
    }

    private async Task<(string? Recipient, Func<Referral, Transition>? Otherwise)> ResolveAsync(Referral held, OrderSnapshot order, CancellationToken cancellationToken)
    {
        switch (await resolver.ResolveAsync(order, cancellationToken))
        {
            case RecipientResolution.Resolved resolved:
                var refusal = await book.DecideAsync(
                    new DecisionScope.Order(held.Ehr, held.OrderId), all => JoinRules.Settle(all, held.Id, held.Fence, resolved.Recipient, time.Now), cancellationToken);
                return refusal switch
                {
                    null => (resolved.Recipient, null),
                    // Written only if the lease holds after all: then a person has named a recipient meanwhile.
                    ReasonCodes.LeaseLost => (null, r => StepTransitions.BuildAgain(r, "recipient-set", time.Now)),
                    _ => (null, Hold(null, refusal, "Another referral of this order goes to the recipient that the order names. Retry with another recipient, or cancel.", order)),
                };
            case RecipientResolution.Unresolved unresolved:
                return (null, Hold(null, unresolved.Code, unresolved.Message, order));
            case RecipientResolution.Deferred deferred:
                return (null, Defer(held, deferred.Code, deferred.RetryAfter, order));
            default:
                throw new InvalidOperationException("A resolution that nobody knows.");
        }
    }

    private async Task<(PackageForm Form, TargetResolution? Otherwise)> DecideFormAsync(RecipientOptions target, DateTimeOffset wished, CancellationToken cancellationToken) => target.Form switch
    {
        RecipientForm.Document => (PackageForm.Document, null),
        RecipientForm.Transaction => (PackageForm.Transaction, null),
        RecipientForm.Collection => (PackageForm.Collection, null),
        _ => await targets.FindFormAsync(target.Name, wished, cancellationToken),
    };

    private async Task<Func<Referral, Transition>> PackAsync(
        Referral held, GatheredRecord record, TimeSpan took, string recipient, RecipientOptions target, PackageForm form, CancellationToken cancellationToken)
    {
        var plan = new PackageOrder(held.Id, held.PackageVersion + 1, form, recipient, target.BaseUrl, time.Now) { RecipientKeys = target.Matches };
        FaultPoint.Hit("K07", held.OrderId);
        VaultReceipt receipt;
        PackagingOutcome.Packaged packaged;
        await using (var bundle = await vault.OpenWriteAsync(plan.PackageId, VaultPart.Bundle, cancellationToken))
        {
            switch (await builder.BuildAsync(record, plan, bundle, cancellationToken))
            {
                case PackagingOutcome.Impossible impossible:
                    return Hold(recipient, impossible.Code, impossible.Message, record.Order, impossible.Path);
                case PackagingOutcome.Packaged made:
                    packaged = made;
                    break;
                default:
                    throw new InvalidOperationException("A packaging outcome that nobody knows.");
            }

            receipt = await bundle.CompleteAsync(cancellationToken);
        }

        using var written = packaged;
        await using (var manifest = await vault.OpenWriteAsync(plan.PackageId, VaultPart.Manifest, cancellationToken))
        {
            await PackageManifestJson.WriteAsync(manifest, packaged.Manifest, cancellationToken);
            await manifest.CompleteAsync(cancellationToken);
        }

        await disclosures.KeepAsync(DisclosureRecord.Of(held.Ehr, record, plan, packaged.Manifest.Consent, receipt.Digest, packaged.Entries), cancellationToken);
        Log.Packaged(log, held.Id, form, packaged.Entries, receipt.Bytes, record.Gaps.Count);
        var facts = new PackagedFacts(
            plan.Version, plan.PackageId, form, recipient, target.BaseUrl.AbsoluteUri, receipt, packaged.Entries, record.Order.Version)
        {
            Gathered = StepTally.Gathered(record, took), Contents = StepTally.Contents(form, receipt, packaged.Carried),
        };
        return r => StepTransitions.Packaged(r, facts, time.Now);
    }

    private Func<Referral, Transition> Unread(Referral held, OrderReading reading) => reading switch
    {
        OrderReading.NotFound when time.Now - held.CreatedAt < VisibleWithin => LookAgain(held),
        OrderReading.NotFound => Hold(held.Recipient, ReasonCodes.OrderNotFound, "The EHR has no ServiceRequest with this id.", null),
        OrderReading.Gone => Hold(held.Recipient, ReasonCodes.OrderGone, "The ServiceRequest was deleted at the EHR.", null),
        OrderReading.Unreadable { NeedsPerson: true } no => Hold(held.Recipient, no.Code, "The EHR does not let the order be read. See the EHR's settings, then retry.", null),
        OrderReading.Unreadable later => Defer(held, later.Code, later.RetryAfter, null),
        _ => throw new InvalidOperationException("A reading that nobody knows."),
    };

    /// <summary>More slowly the longer the order has not appeared, the last time when it must have; none of this is a try at its record.</summary>
    private Func<Referral, Transition> LookAgain(Referral held)
    {
        var now = time.Now;
        var due = now + Backoff.UntilVisible(now - held.CreatedAt, VisibleWithin, time.Jitter());
        return r => StepTransitions.GatherDeferred(r, ReasonCodes.OrderNotFound, due, now + gathering.Deadline, now, isTry: false);
    }

    /// <summary>Held with the version of the order that led to it: only another version changes anything by itself.</summary>
    private Func<Referral, Transition> Hold(string? recipient, string code, string message, OrderSnapshot? order, string? detail = null)
        => r => StepTransitions.GatherHeld(
            r, recipient, order?.Version, code, message, time.Now, detail is null ? null : new Dictionary<string, string> { ["detail"] = detail });

    /// <summary>Put off with the version of the order that was read: hearing of that version again is no reason to try sooner.</summary>
    private Func<Referral, Transition> Defer(Referral held, string code, TimeSpan? retryAfter, OrderSnapshot? order)
    {
        var now = time.Now;
        var due = now + time.Delay(held.GatherTries, retryAfter);
        return r => StepTransitions.GatherDeferred(r with { OrderVersion = order?.Version ?? r.OrderVersion }, code, due, now + gathering.Deadline, now);
    }

    /// <summary>Put off because the recipient cannot be asked what it takes: no try at the record, and nothing that the EHR would have to wait for.</summary>
    private Func<Referral, Transition> Await(Referral held, TargetResolution.Deferred later, OrderSnapshot order)
    {
        var now = time.Now;
        var waited = held.GatherDeadline is { } until ? now - (until - gathering.Deadline) : TimeSpan.Zero;
        var due = now + time.Further(waited, later.RetryAfter);
        return r => StepTransitions.GatherDeferred(
            r with { OrderVersion = order.Version ?? r.OrderVersion }, later.Code, due, now + gathering.Deadline, now, isTry: false);
    }

    /// <summary>Its recipient is being asked: given back unchanged, so that the place is free meanwhile. Nothing is written down, because nothing has happened.</summary>
    private async Task<Func<Referral, Transition>?> LeaveAsync(Referral held, TimeSpan asked, CancellationToken cancellationToken)
    {
        await book.ReleaseAsync(held.Id, held.Fence, time.Now + Backoff.UntilAnswered(asked, time.Jitter()), cancellationToken);
        return null;
    }

    private static partial class Log
    {
        [LoggerMessage(8101, LogLevel.Information, "Referral {Referral} packaged as {Form}: entries {Entries}, bytes {Bytes}, gaps {Gaps}")]
        public static partial void Packaged(ILogger log, ReferralId referral, PackageForm form, int entries, long bytes, int gaps);
    }
}
