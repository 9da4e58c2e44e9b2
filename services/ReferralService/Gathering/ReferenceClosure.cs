using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering;

/// <summary>How following references ended early: another patient where the order leads, or the EHR did not answer.</summary>
internal sealed record ClosureStop(bool WrongPatient, EhrFailure? Failure);

/// <summary>Follows references from the order and from what the searches found, level by level, until nothing is missing or a bound is met.</summary>
/// <remarks>Each level is planned and taken over in order; only its reads run side by side. So the same answers give the same record.</remarks>
internal sealed class ReferenceClosure(RecordIndex index, ReferenceReads reads, ResourceKey patient, OwnOrigin own, GatheringOptions limits)
{
    /// <summary>What was reached less or further than <see cref="Reach.Record"/>, which is how far the searches' hits are.</summary>
    private readonly Dictionary<ResourceKey, Reach> _reached = [];
    private readonly HashSet<ResourceKey> _missed = [];

    /// <returns>Null when closed.</returns>
    public async Task<ClosureStop?> CloseAsync(ResourceKey order, CancellationToken cancellationToken)
    {
        var frontier = index.Keys();
        _reached[order] = Reach.Order;

        for (int depth = 0; frontier.Count > 0; depth++)
        {
            var level = new ClosureLevel();
            foreach (var key in frontier)
            {
                if (Plan(level, index.Find(key)!, ReachOf(key))) return new ClosureStop(WrongPatient: true, null);
            }

            if (depth >= limits.MaxDepth)
            {
                foreach (var want in level.Wants) index.Miss(want.Key.ToString(), GapReason.Limit, want.Edge.Rule);
                return null;
            }

            var (stop, added) = await TakeAsync(level.Wants, cancellationToken);
            if (stop is not null) return stop;
            frontier = [.. added.Concat(level.Upgraded).Distinct()];
            frontier.Sort(RecordIndex.ByTypeAndId);
        }

        return null;
    }

    private Reach ReachOf(ResourceKey key) => _reached.GetValueOrDefault(key, Reach.Record);

    /// <summary>Decides on every reference of one resource. True: the order names another patient.</summary>
    private bool Plan(ClosureLevel level, GatheredResource body, Reach reach)
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
                    index.Miss($"{reference.Type}?conditional", GapReason.Conditional, edge.Rule);
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
        if (key == patient) return false;
        if (key.Type == "Patient")
        {
            index.Miss(key.ToString(), GapReason.OtherPatient, edge.Rule);
            return edge.From == Reach.Order;
        }

        if (index.Find(key) is { } held)
        {
            index.Because(key, edge.Rule, from);
            NoteVersion(reference, held, edge);
            if (ReachOf(key) < edge.To)
            {
                _reached[key] = edge.To;
                level.Upgraded.Add(key);
            }
        }
        else if (TakeBack(level, key, from, reference, edge)) return false;
        else if (!_missed.Contains(key)) level.Want(key, edge, from, reference);

        return false;
    }

    /// <summary>What no plan wanted by itself belongs to what refers to it: a panel's members, a report's results. True: nothing is left to read.</summary>
    private bool TakeBack(ClosureLevel level, ResourceKey key, ResourceKey from, FhirReference reference, ReferenceEdge edge)
    {
        if (index.TakeBack(key, out bool barred) is not { } held) return barred;
        index.Because(key, edge.Rule, from);
        NoteVersion(reference, held, edge);
        if (edge.To != Reach.Record) _reached[key] = edge.To;
        level.Upgraded.Add(key);
        return true;
    }

    private async Task<(ClosureStop? Stop, List<ResourceKey> Added)> TakeAsync(IReadOnlyList<Want> wants, CancellationToken cancellationToken)
    {
        var added = new List<ResourceKey>();
        var (fetched, stop) = await reads.ReadAsync([.. wants.Select(w => w.Key)], cancellationToken);
        if (stop is not null) return (new ClosureStop(WrongPatient: false, stop), added);
        for (int i = 0; i < wants.Count; i++)
        {
            var (want, body, reason) = (wants[i], fetched[i].Body, fetched[i].Gap);
            if (body is not null && (index.Count >= limits.MaxResources || index.Bytes + body.Length > limits.MaxRecordBytes)) reason = GapReason.Limit;
            if (reason == GapReason.OtherPatient && want.Edge.From == Reach.Order) return (new ClosureStop(WrongPatient: true, null), added);
            if (body is null || reason is not null)
            {
                if (body is not null) index.Drop(body);
                _missed.Add(want.Key);
                index.Miss(want.Key.ToString(), reason!, want.Edge.Rule);
                continue;
            }

            index.Add(body, new InclusionReason(want.Edge.Rule, want.From.ToString()), draft: null);
            NoteVersion(want.Reference, body, want.Edge);
            if (want.Edge.To != Reach.Record) _reached[want.Key] = want.Edge.To;
            added.Add(want.Key);
        }

        return (null, added);
    }

    /// <summary>The current version is taken; that another one was meant is said.</summary>
    private void NoteVersion(FhirReference reference, GatheredResource held, ReferenceEdge edge)
    {
        if (reference.Version is { } meant && held.VersionId is { } have && meant != have)
            index.Miss($"{held.Key}/_history/{meant}", GapReason.OtherVersion, edge.Rule);
    }

    private void MissElsewhere(FoundReference found, FhirReference reference, ReferenceEdge edge)
    {
        if (reference.Kind == ReferenceKind.Urn) index.Miss(found.Text, GapReason.Unresolvable, edge.Rule);
        else if (reference.AbsoluteUrl(own.Base) is { } elsewhere) index.Miss(elsewhere, GapReason.ForeignOrigin, edge.Rule);
        else if (!Uri.TryCreate(found.Text, UriKind.Absolute, out var url)) index.Miss($"?{edge.Rule}", GapReason.Unresolvable, edge.Rule);
        else if (url.Scheme is not ("http" or "https")) index.Miss($"?{edge.Rule}", GapReason.Unresolvable, edge.Rule);
        else index.Miss(url.GetLeftPart(UriPartial.Path), own.IsSameServer(url) ? GapReason.NotAResource : GapReason.ForeignOrigin, edge.Rule);
    }
}
