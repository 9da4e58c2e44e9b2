using ReferralService.Fhir.Bundles;
using ReferralService.Fhir.Client;

namespace ReferralService.Gathering;

/// <summary>Carries out planned searches: finds the way the EHR does not refuse, walks its pages, filters every hit again.</summary>
/// <param name="slots">Bounds the requests of this gathering that are under way at once.</param>
internal sealed class SearchPull(
    EhrConnection ehr, RecordIndex index, PatientCheck patient, string patientId, GatheringOptions limits, LearnedHabits habits, DateOnly today, SemaphoreSlim slots)
{
    /// <returns>Null when everything asked for came (or is a declared gap); else why not.</returns>
    /// <exception cref="RecordLimitException">The record grew too large.</exception>
    public async Task<EhrFailure?> RunAsync(PlannedSearch search, CancellationToken cancellationToken)
    {
        if (search.Ways.Count == 0)
        {
            index.Miss($"{search.Type}?{search.Rule}", GapReason.NotOffered, search.Rule);
            return null;
        }

        var known = await habits.RecallAsync(ehr.Options.Name, search.Rule, today, cancellationToken);
        EhrFailure? refusal = null;
        foreach (var way in search.Ways.OrderBy(w => w.Name == known ? 0 : 1))
        {
            var failures = await Task.WhenAll(way.Branches.Select(branch => BranchAsync(search, branch, cancellationToken)));
            if (failures.FirstOrDefault(f => f is not null && !MayBeAskedOtherwise(f)) is { } failure) return failure;

            // A category the server does not know is a gap; one it forbids is not ours to pass over.
            refusal = failures.FirstOrDefault(f => f?.Kind == FailureKind.Forbidden) ?? (failures.All(f => f is not null) ? failures[0] : null);
            if (refusal is not null) continue;

            for (int i = 0; i < failures.Length; i++)
            {
                if (failures[i] is { } refused) index.Miss($"{search.Type}?{way.Branches[i].Rule}", refused.Gap, way.Branches[i].Rule);
            }

            if (way.Branches.Count > 1) index.Miss($"{search.Type}?{search.Rule}", GapReason.OtherCategories, search.Rule);
            if (way != search.Ways[0] || known is not null) await habits.LearnAsync(ehr.Options.Name, search.Rule, way.Name, today, cancellationToken);
            return null;
        }

        return refusal;
    }

    private static bool MayBeAskedOtherwise(EhrFailure failure)
        => failure.Kind is FailureKind.Refused or FailureKind.Forbidden or FailureKind.NotFound or FailureKind.Misled;

    private async Task<EhrFailure?> BranchAsync(PlannedSearch search, SearchBranch branch, CancellationToken cancellationToken)
    {
        EhrFailure? refusal = null;
        foreach (var rung in branch.Ladder)
        {
            try
            {
                var records = new List<SearchRecord>();
                foreach (var query in rung.Queries) records.Add(await WalkAsync(search, branch.Rule, query, cancellationToken));
                records.ForEach(index.Asked);
                if (rung.Narrow && search.LeftOut is { } leftOut) index.Miss(leftOut);
                return null;
            }
            catch (Exception e) when (EhrFailure.Of(e) is { } failure)
            {
                if (!MayBeAskedOtherwise(failure)) return failure;
                refusal = failure;
            }
        }

        return refusal;
    }

    private async Task<SearchRecord> WalkAsync(PlannedSearch search, string rule, SearchQuery query, CancellationToken cancellationToken)
    {
        for (bool again = false; ; again = true)
        {
            var walk = new SearchWalk(ehr.ClientOptions.MaxPages, limits.MaxRecordBytes);
            int pages = 0, found = 0, kept = 0;
            long promised = 0;
            IReadOnlyList<string> ignored = [];
            bool everybodys = false;
            string? next = null;
            try
            {
                do
                {
                    var (page, read) = await PageAsync(search, rule, query, next, cancellationToken);
                    using var draft = read;
                    // Spooled, and not yet part of the record.
                    FaultPoint.Hit("K06", patientId);
                    if (pages++ == 0) (ignored, everybodys) = (SelfLink.Ignored(page.SelfLink, query.Filters), SelfLink.IgnoresPatient(page.SelfLink, query.Filters));
                    if (everybodys && draft.OthersSeen) throw new FilterIgnoredException();
                    if (draft.Unreadable && search.Mandatory) throw new UnreadableHitException(search.Type);
                    draft.Commit();
                    (found, kept) = (found + draft.Found, kept + draft.Kept);
                    promised = Math.Max(promised, page.Hollow > 0 ? long.MaxValue : page.Total ?? 0);
                    next = walk.Next(page);
                }
                while (next is not null);
            }
            catch (Exception e) when (!again && pages > 0 && EhrFailure.Of(e) is { Kind: FailureKind.NotFound or FailureKind.Gone })
            {
                // The server has forgotten the walk: once more from the first page. What came stays, and stays once.
                continue;
            }

            // It counts more than its pages held, or listed something without giving it.
            if (found < promised) index.Miss($"{search.Type}?{rule}", GapReason.IncompleteAnswer, rule);
            return new SearchRecord(search.Type, rule, query.Text, pages, found, kept, ignored);
        }
    }

    private async Task<(SearchPage Page, PageDraft Draft)> PageAsync(
        PlannedSearch search, string rule, SearchQuery query, string? next, CancellationToken cancellationToken)
    {
        await slots.WaitAsync(cancellationToken);
        try
        {
            return await ehr.GetAsync(
                async (client, token) =>
                {
                    var draft = new PageDraft(index, patient, search, rule, query);
                    try
                    {
                        var page = next is null
                            ? await client.SearchAsync(search.Type, query.For(patientId), draft.Keep, draft.TakeAsync, token)
                            : await client.FollowAsync(next, draft.Keep, draft.TakeAsync, token);
                        return (page, draft);
                    }
                    catch
                    {
                        draft.Dispose();
                        throw;
                    }
                },
                cancellationToken);
        }
        finally
        {
            slots.Release();
        }
    }
}
