using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering;

/// <summary>How following references ended early: another patient where the order leads, or the EHR did not answer.</summary>
internal sealed record ClosureStop(bool WrongPatient, EhrFailure? Failure);

/// <summary>Follows references from the order and from what the searches found, level by level, until nothing is missing or a bound is met.</summary>
/// <remarks>Each level is planned and taken over in order; only its reads run side by side. So the same answers give the same record.</remarks>
internal sealed class ReferenceClosure(
    EhrConnection ehr, RecordIndex index, PatientCheck patient, ResourceKey patientKey, OwnOrigin own, GatheringOptions limits, bool mayMiss)
{
    private readonly Dictionary<ResourceKey, Reach> _reached = [];
    private readonly HashSet<ResourceKey> _missed = [];

    /// <returns>Null when closed.</returns>
    public async Task<ClosureStop?> CloseAsync(ResourceKey order, CancellationToken cancellationToken)
    {
        var frontier = index.Bodies().Select(b => b.Key).ToList();
        foreach (var key in frontier) _reached[key] = key == order ? Reach.Order : Reach.Record;

        for (int depth = 0; frontier.Count > 0; depth++)
        {
            var level = new ClosureLevel();
            foreach (var key in frontier)
            {
                if (Plan(level, index.Find(key)!, _reached[key])) return new ClosureStop(WrongPatient: true, null);
            }

            if (depth >= limits.MaxDepth)
            {
                foreach (var want in level.Wants) index.Miss(want.Key.ToString(), "limit", want.Edge.Rule);
                return null;
            }

            var (stop, added) = await TakeAsync(level.Wants, cancellationToken);
            if (stop is not null) return stop;
            frontier = [.. added.Concat(level.Upgraded).Distinct().OrderBy(k => k.Type, StringComparer.Ordinal).ThenBy(k => k.Id, StringComparer.Ordinal)];
        }

        return null;
    }

    /// <summary>Decides on every reference of one resource. True: the order names another patient.</summary>
    private bool Plan(ClosureLevel level, StoredBody body, Reach reach)
    {
        foreach (var found in body.References)
        {
            if (found.Site == ReferenceSite.Narrative || ReferenceEdges.Find(body.Key.Type, found.Path, reach) is not { } edge) continue;
            var reference = FhirReference.Parse(found.Text);
            switch (reference.Kind)
            {
                case ReferenceKind.Contained:
                    break;
                case ReferenceKind.Conditional:
                    index.Miss($"{reference.Type}?conditional", "conditional", edge.Rule);
                    break;
                case ReferenceKind.Relative or ReferenceKind.Absolute when own.Holds(reference):
                    if (Follow(level, body.Key, reference, edge)) return true;
                    break;
                default:
                    MissElsewhere(found, reference, edge);
                    break;
            }
        }

        return false;
    }

    private bool Follow(ClosureLevel level, ResourceKey from, FhirReference reference, ReferenceEdge edge)
    {
        var key = reference.Key!.Value;
        if (key == patientKey) return false;
        if (key.Type == "Patient")
        {
            index.Miss(key.ToString(), "other-patient", edge.Rule);
            return edge.From == Reach.Order;
        }

        if (index.Find(key) is { } held)
        {
            index.Because(key, new InclusionReason(edge.Rule, from.ToString()));
            NoteVersion(reference, held, edge);
            if (_reached[key] < edge.To)
            {
                _reached[key] = edge.To;
                level.Upgraded.Add(key);
            }
        }
        else if (!_missed.Contains(key)) level.Want(key, edge, from, reference);

        return false;
    }

    private async Task<(ClosureStop? Stop, List<ResourceKey> Added)> TakeAsync(IReadOnlyList<Want> wants, CancellationToken cancellationToken)
    {
        var read = new (StoredBody? Body, string? Reason, EhrFailure? Failure)[wants.Count];
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        EhrFailure? stopping = null;
        try
        {
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = limits.Parallelism, CancellationToken = enough.Token };
            await Parallel.ForAsync(0, wants.Count, parallel, async (i, token) =>
            {
                read[i] = await ReadAsync(wants[i].Key, token);
                if (read[i].Failure is { } failure && IsFatal(failure))
                {
                    Interlocked.CompareExchange(ref stopping, failure, null);
                    await enough.CancelAsync();
                }
            });
        }
        catch (OperationCanceledException) when (stopping is not null && !cancellationToken.IsCancellationRequested)
        {
            // The first failure that ends the gathering called the others off.
        }

        var added = new List<ResourceKey>();
        if (stopping is not null) return (new ClosureStop(WrongPatient: false, stopping), added);
        for (int i = 0; i < wants.Count; i++)
        {
            var (want, (body, reason, failure)) = (wants[i], read[i]);
            reason ??= failure?.Gap;
            if (body is not null && reason is null && (index.Count >= limits.MaxResources || index.Bytes + body.Length > limits.MaxRecordBytes)) reason = "limit";
            if (reason == "other-patient" && want.Edge.From == Reach.Order) return (new ClosureStop(WrongPatient: true, null), added);
            if (body is null || reason is not null)
            {
                _missed.Add(want.Key);
                index.Miss(want.Key.ToString(), reason!, want.Edge.Rule);
                continue;
            }

            index.Add(body, new InclusionReason(want.Edge.Rule, want.From.ToString()));
            NoteVersion(want.Reference, body, want.Edge);
            _reached[want.Key] = want.Edge.To;
            added.Add(want.Key);
        }

        return (null, added);
    }

    private bool IsFatal(EhrFailure failure)
        => failure.Kind == FailureKind.Unauthorized || (failure.Kind == FailureKind.Transient && !mayMiss);

    private async Task<(StoredBody? Body, string? Reason, EhrFailure? Failure)> ReadAsync(ResourceKey key, CancellationToken cancellationToken)
    {
        try
        {
            return await ehr.GetAsync<(StoredBody?, string?, EhrFailure?)>(
                async (client, token) =>
                {
                    var resource = await client.ReadAsync(key.Type, key.Id, token);
                    var why = Sieve.Named.WhyNot(ClinicalFacts.Read(resource));
                    if (why is not null) return (null, why == SieveReason.Cancelled ? "cancelled" : "entered-in-error", null);
                    var body = index.Store(resource, []);
                    return patient.TieOf(key, body.References) switch
                    {
                        PatientTie.Other => (null, "other-patient", null),
                        PatientTie.Unverifiable => (null, "patient-unknown", null),
                        _ => (body, null, null),
                    };
                },
                cancellationToken);
        }
        catch (RecordLimitException)
        {
            return (null, "limit", null);
        }
        catch (Exception e) when (EhrFailure.Of(e) is { } failure)
        {
            return (null, null, failure);
        }
    }

    /// <summary>The current version is taken; that another one was meant is said.</summary>
    private void NoteVersion(FhirReference reference, StoredBody held, ReferenceEdge edge)
    {
        if (reference.Version is { } meant && held.VersionId is { } have && meant != have)
            index.Miss($"{held.Key}/_history/{meant}", "other-version", edge.Rule);
    }

    private void MissElsewhere(FoundReference found, FhirReference reference, ReferenceEdge edge)
    {
        if (reference.Kind == ReferenceKind.Urn) index.Miss(found.Text, "unresolvable", edge.Rule);
        else if (reference.AbsoluteUrl(own.Base) is { } elsewhere) index.Miss(elsewhere, "foreign-origin", edge.Rule);
        else if (!Uri.TryCreate(found.Text, UriKind.Absolute, out var url)) index.Miss($"?{edge.Rule}", "unresolvable", edge.Rule);
        else if (url.Scheme is not ("http" or "https")) index.Miss($"?{edge.Rule}", "unresolvable", edge.Rule);
        else index.Miss(url.GetLeftPart(UriPartial.Path), own.IsSameServer(url) ? "not-a-resource" : "foreign-origin", edge.Rule);
    }
}
