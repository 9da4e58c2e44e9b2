namespace ReferralService.Gathering;

/// <summary>Carries out planned searches: finds the way that the EHR does not refuse, and remembers it.</summary>
/// <param name="today">By which what was learned grows old.</param>
internal sealed class SearchPull(QueryWalk walk, RecordIndex index, LearnedHabits habits, string ehr, DateOnly today)
{
    /// <summary>Learned of an EHR as a whole: whether it lets itself be told a page size.</summary>
    private const string CountHabit = "search._count", Counted = "taken", Uncounted = "refused";

    /// <summary>Any search with a page size was answered: then that is not what other searches are refused for.</summary>
    private volatile bool _countTaken;

    /// <returns>Null when everything asked for came (or is a declared gap); else why not.</returns>
    /// <exception cref="RecordLimitException">The record grew too large.</exception>
    public async Task<EhrFailure?> RunAsync(PlannedSearch search, CancellationToken cancellationToken)
    {
        if (search.Ways.Count == 0)
        {
            index.Miss($"{search.Type}?{search.Rule}", GapReason.NotOffered, search.Rule);
            return null;
        }

        bool counted = await habits.RecallAsync(ehr, CountHabit, today, cancellationToken) != Uncounted;
        var failure = await WaysAsync(search, counted, cancellationToken);
        if (failure is not { Kind: FailureKind.Refused, MayPass: false } || (counted && _countTaken)) return failure;

        // Refused in every form, and so is everything else so far: it may be the page size that they all have.
        var other = await WaysAsync(search, !counted, cancellationToken);
        if (other is null) await habits.LearnAsync(ehr, CountHabit, counted ? Uncounted : Counted, today, cancellationToken);
        return other is null ? null : failure;
    }

    private async Task<EhrFailure?> WaysAsync(PlannedSearch search, bool counted, CancellationToken cancellationToken)
    {
        var known = await habits.RecallAsync(ehr, search.Rule, today, cancellationToken);

        // What may miss something is believed for a day: some servers answer 400 when they are short of something, and all was there the next minute.
        if (known is not null && search.Ways.Any(w => w.Name == known && !w.Whole)) known = await habits.RecallAsync(ehr, search.Rule, today, cancellationToken, days: 1);
        EhrFailure? refusal = null;
        bool teaches = true;
        foreach (var way in known is null ? search.Ways : [.. search.Ways.OrderBy(w => w.Name == known ? 0 : 1)])
        {
            EhrFailure?[] failures = way.Branches is [var only]
                ? [await BranchAsync(search, way, only, counted, cancellationToken)]
                : await Task.WhenAll(way.Branches.Select(branch => BranchAsync(search, way, branch, counted, cancellationToken)));
            if (failures.FirstOrDefault(f => f is not null && !MayBeAskedOtherwise(f)) is { } failure) return failure;

            // A category the server does not know is a gap; one it forbids is not ours to pass over.
            refusal = failures.FirstOrDefault(f => f?.Kind == FailureKind.Forbidden) ?? (failures.All(f => f is not null) ? failures[0] : null);
            teaches &= refusal is not { MayPass: true };
            if (refusal is not null) continue;

            for (int i = 0; i < failures.Length; i++)
            {
                if (failures[i] is { } refused) index.Miss($"{search.Type}?{way.Branches[i].Rule}", refused.Gap, way.Branches[i].Rule);
            }

            if (!way.Whole) index.Miss($"{search.Type}?{search.Rule}", GapReason.OtherCategories, search.Rule);
            if (teaches && way.Name != known && (way != search.Ways[0] || known is not null)) await habits.LearnAsync(ehr, search.Rule, way.Name, today, cancellationToken);
            return null;
        }

        return refusal;
    }

    private static bool MayBeAskedOtherwise(EhrFailure failure)
        => failure.Kind is FailureKind.Refused or FailureKind.Forbidden or FailureKind.NotFound or FailureKind.Misled;

    private async Task<EhrFailure?> BranchAsync(PlannedSearch search, SearchWay way, SearchBranch branch, bool counted, CancellationToken cancellationToken)
    {
        var habit = $"{branch.Rule} {way.Name}";
        var known = branch.Ladder.Count > 1 ? await habits.RecallAsync(ehr, habit, today, cancellationToken) : null;
        var asked = new Dictionary<string, EhrFailure?>(StringComparer.Ordinal);
        EhrFailure? refusal = null;
        foreach (var rung in known is null ? branch.Ladder : [.. branch.Ladder.OrderBy(r => r.Name == known ? 0 : 1)])
        {
            var failure = await RungAsync(search, branch, rung, counted, asked, cancellationToken);
            if (failure is not null && !MayBeAskedOtherwise(failure)) return failure;
            if (failure is not null)
            {
                refusal = failure;
                continue;
            }

            if (rung.Narrow && search.LeftOut is { } leftOut) index.Miss(leftOut);

            // A refusal that called itself passing teaches nothing.
            bool learnt = asked.Values.All(f => f is not { MayPass: true });
            if (learnt && rung.Name != known && (rung != branch.Ladder[0] || known is not null)) await habits.LearnAsync(ehr, habit, rung.Name, today, cancellationToken);
            return null;
        }

        return refusal;
    }

    /// <param name="asked">By its text what became of each query of the branch so far: none is asked twice, and no rung with a refused one is tried.</param>
    private async Task<EhrFailure?> RungAsync(
        PlannedSearch search, SearchBranch branch, SearchRung rung, bool counted, Dictionary<string, EhrFailure?> asked, CancellationToken cancellationToken)
    {
        var queries = counted ? rung.Queries : [.. rung.Queries.Select(q => q.Uncounted())];
        if (asked.Count > 0 && queries.Select(q => asked.GetValueOrDefault(q.Text)).FirstOrDefault(f => f is not null) is { } before) return before;
        foreach (var query in queries)
        {
            if (asked.ContainsKey(query.Text)) continue;
            try
            {
                index.Asked(await walk.RunAsync(search, branch.Rule, query, cancellationToken));
                asked[query.Text] = null;
                if (counted) _countTaken = true;
            }
            catch (Exception e) when (EhrFailure.Of(e) is { } failure)
            {
                if (MayBeAskedOtherwise(failure)) index.Asked(new SearchRecord(search.Type, branch.Rule, query.Text, 0, 0, 0, [], failure.Gap));
                asked[query.Text] = failure;
                return failure;
            }
        }

        return null;
    }
}
