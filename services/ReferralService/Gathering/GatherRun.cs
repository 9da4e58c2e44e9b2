using ReferralService.Contracts;
using ReferralService.Fhir.Resources;
using ReferralService.Gathering.Files;
using ReferralService.Gathering.Plans;

namespace ReferralService.Gathering;

/// <summary>One gathering under way: the Patient and the planned searches side by side, then the references.</summary>
/// <param name="plans">Decide what of the searches' hits belongs to the referral.</param>
/// <param name="mayMiss">An optional pull that fails is a gap now.</param>
/// <param name="mayGiveUp">What must be there has broken off time and again.</param>
internal sealed class GatherRun(
    EhrConnection ehr, LearnedHabits habits, GatheringOptions options, OwnOrigin own, RecordIndex index, ResourceKey patient, PlanBook plans, bool mayMiss, bool mayGiveUp)
{
    /// <exception cref="RecordLimitException">The record is larger than it may be.</exception>
    public async Task<GatherOutcome> RunAsync(OrderSnapshot order, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var check = new PatientCheck(patient, own);
        var orderKey = Add(RawResource.Read(order.Utf8), "order");
        var capabilities = await ehr.CapabilitiesAsync(cancellationToken);
        var reads = new ReferenceReads(ehr, capabilities, index, check, options, mayMiss);

        // The plans first: they decide what is searched for.
        var byOrder = new NamedByOrder(index.Find(orderKey)!, index, reads, own, options);
        if (await byOrder.ReadConditionsAsync(cancellationToken) is { } unread) return Mandatory(unread);
        var chosen = ChosenPlans.For(order, byOrder.Conditions, index, plans);

        var firstDay = GatheringPlan.FirstDay(now, options.LookBack);
        var searches = GatheringPlan.Make(capabilities, firstDay, options.PageSize, PlanReach.Of(chosen, now, firstDay));
        if (await PullAsync(searches, check, DateOnly.FromDateTime(now.UtcDateTime), cancellationToken) is { } failed) return failed;
        if (await byOrder.ReadRestAsync(cancellationToken) is { } missed) return Mandatory(missed);

        HashSet<ResourceKey> named = [.. byOrder.Keys, orderKey, patient];
        if (index.WithholdCredentials([orderKey, patient]) is { } open)
            return new GatherOutcome.Impossible(ReasonCodes.RecordInvalid, $"{open.Type} carries an Endpoint with credentials inside. Have it taken out at the EHR; then retry.");
        var planned = new RelevanceSelection(index, chosen, own, now).Apply(named);
        if (planned.Checklist.Hold)
        {
            return new GatherOutcome.Impossible(
                ReasonCodes.RecordIncomplete, $"The record lacks {planned.Checklist.HoldFor.Count} of the items that its plans must have before it is sent. A preview names them.") { Missing = planned.Checklist.HoldFor };
        }

        var alone = new BackwardEdges(index, own).TakeBack();
        var guard = new TargetGuard(index, reads, check, new MotherAndChild(ehr, index, patient, own), own);
        var stop = await new ReferenceClosure(index, reads, patient, own, new FileTrail(index, ehr.Files), options, alone, guard, new KeptBack(index, chosen, named)).CloseAsync(orderKey, cancellationToken);
        return stop switch
        {
            { WrongPatient: true } => new GatherOutcome.Impossible(ReasonCodes.WrongPatient, "The order names a resource of another patient."),
            { Failure: { } failure } => Mandatory(failure),
            _ => new GatherOutcome.Gathered(index.ToRecord(order, patient, FileEvidence.Completed(ImageEvidence.Completed(planned, index), index, own), check.Exceptions)),
        };
    }

    /// <returns>Null when all is there; else what the first failure that counts makes of the gathering.</returns>
    private async Task<GatherOutcome?> PullAsync(IReadOnlyList<PlannedSearch> plan, PatientCheck check, DateOnly today, CancellationToken cancellationToken)
    {
        var slots = new RequestSlots(options.Parallelism);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var searches = new SearchPull(new QueryWalk(ehr, index, check, patient.Id, options, slots), index, habits, ehr.Options.Name, today);
        GatherOutcome? ending = null;

        async Task Guarded(Func<Task<GatherOutcome?>> pull)
        {
            try
            {
                if (await pull() is not { } outcome) return;
                Interlocked.CompareExchange(ref ending, outcome, null);
                await enough.CancelAsync();
            }
            catch (OperationCanceledException) when (Volatile.Read(ref ending) is not null && !cancellationToken.IsCancellationRequested)
            {
                // Called off: another pull has decided the outcome.
            }
            catch
            {
                await enough.CancelAsync();
                throw;
            }
        }

        var pulls = new List<Task> { Guarded(() => PatientAsync(slots, enough.Token)) };
        // First what must be had: results come in the most pages, and a chain of pages that begins last ends last.
        pulls.AddRange(plan.OrderByDescending(search => search.Mandatory).Select(search => Guarded(async () => After(search, await searches.RunAsync(search, enough.Token)))));
        await Task.WhenAll(pulls);
        return ending;
    }

    private async Task<GatherOutcome?> PatientAsync(RequestSlots slots, CancellationToken cancellationToken)
    {
        await slots.EnterAsync(mandatory: true, cancellationToken);
        try
        {
            await ehr.GetAsync(
                async (client, token) =>
                {
                    using var draft = index.Draft();
                    return Add(await client.ReadAsync(patient.Type, patient.Id, draft.Append, token), "order.subject", draft);
                },
                cancellationToken);
            return null;
        }
        catch (Exception e) when (EhrFailure.Of(e) is { } failure)
        {
            return failure.Kind is FailureKind.NotFound or FailureKind.Gone
                ? new GatherOutcome.Impossible(ReasonCodes.RecordIncomplete, "The EHR does not have the Patient that ServiceRequest.subject names.")
                : Mandatory(failure);
        }
        finally
        {
            slots.Leave();
        }
    }

    private ResourceKey Add(RawResource resource, string rule)
    {
        using var draft = index.Draft();
        return Add(resource, rule, draft);
    }

    private ResourceKey Add(RawResource resource, string rule, SpoolDraft draft)
    {
        var body = index.Store(resource, [], draft);
        index.Add(body, new InclusionReason(rule, null), draft);
        return body.Key;
    }

    private GatherOutcome? After(PlannedSearch search, EhrFailure? failure)
    {
        if (failure is null) return null;
        if (search.Mandatory || failure.Kind == FailureKind.Unauthorized || (failure.MayPass && !mayMiss)) return Mandatory(failure);
        index.Miss($"{search.Type}?{search.Rule}", search.MeansNone.Contains(failure.Kind) ? GapReason.NotOffered : failure.Gap, search.Rule);
        return null;
    }

    private GatherOutcome Mandatory(EhrFailure failure) => failure.Kind switch
    {
        FailureKind.Transient when failure.BreaksOff && mayGiveUp => new GatherOutcome.Impossible(
            ReasonCodes.RecordIncomplete, "Time and again an answer of the EHR ended in the middle of its JSON."),

        // A refusal may be a passing one: servers answer 400 when their database is short of something. The deadline decides.
        FailureKind.Transient or FailureKind.Refused => new GatherOutcome.Deferred(failure.Code, failure.RetryAfter),
        FailureKind.Unauthorized or FailureKind.Forbidden => new GatherOutcome.Impossible(failure.Code, "The EHR refused our credentials, or they do not cover what must be read."),
        FailureKind.Misled => new GatherOutcome.Impossible(failure.Code, "The EHR does not search by the patient: it answered with other patients' resources."),
        FailureKind.TooMuch => new GatherOutcome.Impossible(failure.Code, "A search did not come to an end within the limits on pages and bytes."),
        FailureKind.NotFound or FailureKind.Gone => new GatherOutcome.Impossible(failure.Code, "The EHR has no search for a type that must be read; check BaseUrl."),
        _ => new GatherOutcome.Impossible(failure.Code, "What answers at BaseUrl is not this EHR's FHIR endpoint, or not over a connection we trust."),
    };
}
