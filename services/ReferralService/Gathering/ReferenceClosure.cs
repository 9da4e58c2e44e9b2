using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;
using ReferralService.Gathering.Files;
using ReferralService.Gathering.Plans;

namespace ReferralService.Gathering;

/// <summary>How following references ended early: another patient where the order leads, or the EHR did not answer.</summary>
internal sealed record ClosureStop(bool WrongPatient, EhrFailure? Failure);

/// <summary>Follows references from the order and from what the searches found, level by level, until nothing is missing or a bound is met.</summary>
/// <remarks>Each level is planned and taken over in order; only its reads run side by side. So the same answers give the same record.</remarks>
/// <param name="alone">Reports and panels that came back without what they consist of.</param>
/// <param name="guard">Looks twice where a target is, or may be, another patient's.</param>
/// <param name="keptBack">What plans keep back stays away whatever leads there.</param>
internal sealed class ReferenceClosure(
    RecordIndex index, ReferenceReads reads, ResourceKey patient, OwnOrigin own, FileTrail files, GatheringOptions limits, IReadOnlySet<ResourceKey> alone, TargetGuard guard, KeptBack keptBack)
{
    /// <summary>What was reached less or further than <see cref="Reach.Record"/>, which is how far the searches' hits are.</summary>
    private readonly Dictionary<ResourceKey, Reach> _reached = [];
    private readonly ReferenceTexts _texts = new(own, index.Count);
    private readonly HashSet<ResourceKey> _missed = [];
    private readonly HashSet<(string? Elsewhere, ResourceKey? Key, string Rule)> _named = [];

    /// <summary>Reads that brought nothing: they cost what others cost, and count as they do.</summary>
    private int _vain;

    /// <returns>Null when closed.</returns>
    public async Task<ClosureStop?> CloseAsync(ResourceKey order, CancellationToken cancellationToken)
    {
        List<ResourceKey> frontier = [.. index.InOrder().Select(r => r.Key)];
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
                foreach (var want in level.Wants) Miss(want, GapReason.Limit);
                break;
            }

            var (stop, added) = await TakeAsync(Affordable(level.Wants), cancellationToken);
            if (stop is not null) return stop;
            if (added.Count + level.Upgraded.Count == 0) break;
            frontier = [.. added.Concat(level.Upgraded).Distinct()];
            frontier.Sort(RecordIndex.ByTypeAndId);
        }

        foreach (var (elsewhere, key, rule) in _named)
        {
            // What came for another reason, or was missed and told for one, is not told again.
            if (key is not { } one) index.Miss(elsewhere!, GapReason.NamedOnly, rule);
            else if (!index.Knows(one) && !_missed.Contains(one)) index.Miss(one.ToString(), GapReason.NamedOnly, rule);
        }

        return null;
    }

    /// <summary>As many as there is room for in the record, in their order, and what the order names before all; the rest is told and not asked for.</summary>
    private IReadOnlyList<Want> Affordable(IReadOnlyList<Want> wants)
    {
        int room = Math.Max(0, limits.MaxResources - index.Count - _vain);
        if (wants.Count <= room) return wants;
        var first = wants.OrderBy(w => w.Edge.From == Reach.Order ? 0 : 1).ToList();
        foreach (var want in first.Skip(room)) Miss(want, GapReason.Limit);
        return first[..room];
    }

    private Reach ReachOf(ResourceKey key) => _reached.GetValueOrDefault(key, Reach.Record);

    /// <summary>Decides on every reference of one resource. True: the order names another patient.</summary>
    private bool Plan(ClosureLevel level, GatheredResource body, Reach reach)
    {
        for (int i = 0; i < body.References.Count; i++)
        {
            var found = body.References[i];
            if (found.Site == ReferenceSite.Narrative || ReferenceEdges.Decide(body.Key.Type, found.Path, reach) is not { } edge) continue;
            if (!edge.IsFollowed)
            {
                if (edge.How == Following.Name) Name(found, edge);
                continue;
            }

            var reference = _texts.Of(found.Text, out bool isOwn);
            switch (reference.Kind)
            {
                case ReferenceKind.Contained:
                    break;
                case ReferenceKind.Conditional:
                    index.Miss($"{reference.Type}?conditional", GapReason.Conditional, edge.Rule);
                    break;
                case ReferenceKind.Relative or ReferenceKind.Absolute when isOwn:
                    if (reference.Key is { Type: "Binary" } binary) files.Refer(body, found, edge.Rule, binary, link: null);
                    if (Follow(level, body.Key, reference, edge)) return true;
                    break;
                default:
                    if (files.Find(found) is { } link) FollowLink(level, body, found, reference, edge, link);
                    else MissElsewhere(found, reference, edge);
                    break;
            }
        }

        return false;
    }

    /// <summary>Remembers what is named and not fetched; elsewhere by its address alone.</summary>
    private void Name(FoundReference found, ReferenceEdge edge)
    {
        var reference = _texts.Of(found.Text, out bool isOwn);
        if (reference.Kind is not (ReferenceKind.Relative or ReferenceKind.Absolute)) return;
        if (isOwn && reference.Key is { } key)
        {
            if (key != patient) _named.Add((null, key, edge.Rule));
        }
        else if (reference.AbsoluteUrl(own.Base) is { } elsewhere) _named.Add((elsewhere, null, edge.Rule));
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
        else if (alone.Contains(from) && BackwardEdges.Leads(edge)) index.Miss(key.ToString(), GapReason.Limit, edge.Rule);
        else if (TakeBack(level, key, from, reference, edge)) return false;
        else if (!_missed.Contains(key)) level.Want(key, edge, from, reference);

        return false;
    }

    /// <summary>A plain URL of a file: no resource, but kept as one.</summary>
    private void FollowLink(ClosureLevel level, GatheredResource from, FoundReference found, FhirReference reference, ReferenceEdge edge, FileLink link)
    {
        var key = files.Refer(from, found, edge.Rule, link.Key, link);
        if (index.Find(key) is not null) index.Because(key, edge.Rule, from.Key);
        else if (!_missed.Contains(key)) level.Want(key, edge, from.Key, reference);
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
        var (fetched, stop) = await reads.ReadAsync([.. wants.Select(w => w.Key)], files.WishFor, cancellationToken);
        if (stop is not null) return (new ClosureStop(WrongPatient: false, stop), added);
        for (int i = 0; i < wants.Count; i++)
        {
            var want = wants[i];
            var (body, reason, unread) = await guard.LookAgainAsync(want.Key, fetched[i], cancellationToken);
            if (unread is not null) return (new ClosureStop(WrongPatient: false, unread), added);
            if (body is not null && index.Count >= limits.MaxResources) reason = GapReason.Limit;
            else if (body is not null && index.Bytes + body.Length > limits.MaxRecordBytes) reason = want.Key.Type == "Binary" ? GapReason.TooLarge : GapReason.Limit;
            if (reason == GapReason.OtherPatient && want.Edge.From == Reach.Order) return (new ClosureStop(WrongPatient: true, null), added);
            string? kept = body is null || reason is not null ? null : keptBack.By(body);
            if (kept is not null) reason = LeftOut.MustNotSend;
            if (body is null || reason is not null)
            {
                if (body is not null) index.Drop(body);
                Miss(want, reason!, kept);
                _vain++;
                continue;
            }

            if (files.Took(want.Key, fetched[i]) is { } same)
            {
                index.Drop(body);
                index.Because(same, want.Edge.Rule, want.From);
                continue;
            }

            index.Add(body, new InclusionReason(want.Edge.Rule, want.From.ToString()), draft: null);
            if (guard.ExceptionOf(want.Key) is { } exception) index.Because(want.Key, PatientException.Rule, exception.Proof);
            NoteVersion(want.Reference, body, want.Edge);
            if (want.Edge.To != Reach.Record) _reached[want.Key] = want.Edge.To;
            added.Add(want.Key);
        }

        return (null, added);
    }

    /// <param name="rule">Whose word it is; null: the reference's that led there.</param>
    private void Miss(Want want, string reason, string? rule = null)
    {
        _missed.Add(want.Key);
        index.Miss(files.NameOf(want.Key), reason, rule ?? want.Edge.Rule);
    }

    /// <summary>The current version is taken; that another one was meant is said.</summary>
    private void NoteVersion(FhirReference reference, GatheredResource held, ReferenceEdge edge)
    {
        if (reference.Version is { } meant && held.VersionId is { } have && meant != have)
            index.Miss($"{held.Key}/_history/{meant}", GapReason.OtherVersion, edge.Rule);
    }

    private void MissElsewhere(FoundReference found, FhirReference reference, ReferenceEdge edge)
    {
        if (files.Refused(found) is { } refused) index.Miss(refused.Shown, refused.Reason, edge.Rule);
        else if (reference.Kind == ReferenceKind.Urn) index.Miss(found.Text, GapReason.Unresolvable, edge.Rule);
        else if (reference.AbsoluteUrl(own.Base) is { } elsewhere) index.Miss(elsewhere, GapReason.ForeignOrigin, edge.Rule);
        else if (!Uri.TryCreate(found.Text, UriKind.Absolute, out var url)) index.Miss($"?{edge.Rule}", GapReason.Unresolvable, edge.Rule);
        else if (url.Scheme is not ("http" or "https")) index.Miss($"?{edge.Rule}", GapReason.Unresolvable, edge.Rule);
        else index.Miss(FileLink.Show(found.Text), own.IsSameServer(url) ? GapReason.NotAResource : GapReason.ForeignOrigin, edge.Rule);
    }
}
