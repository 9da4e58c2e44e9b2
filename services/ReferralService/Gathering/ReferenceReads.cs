using ReferralService.Fhir.Bundles;
using ReferralService.Fhir.Client;
using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;
using ReferralService.Gathering.Files;

namespace ReferralService.Gathering;

/// <summary>What came of one reference: a body, or why not.</summary>
/// <param name="Gap">The reason a gap gives.</param>
internal readonly record struct Fetched(GatheredResource? Body, string? Gap, EhrFailure? Failure)
{
    /// <summary>Of a file that came as its bytes.</summary>
    public FileDigest? File { get; init; }
}

/// <summary>Reads what references lead to: many of one type by one search on their ids where the EHR offers that, else one by one.</summary>
/// <param name="mayMiss">A read that fails for a passing reason is a gap instead of the end.</param>
internal sealed class ReferenceReads(
    EhrConnection ehr, CapabilityView? capabilities, RecordIndex index, PatientCheck patient, GatheringOptions limits, bool mayMiss)
{
    private const int IdsInOneSearch = 40;
    private const int WorthOneSearch = 3;

    private readonly FileReads _files = new(ehr, index, patient, limits);

    /// <param name="wishes">What is known of a file; null: nothing.</param>
    /// <returns>In the order of the keys; and the failure that ended it, if one did.</returns>
    public async Task<(IReadOnlyList<Fetched> Fetched, EhrFailure? Stop)> ReadAsync(
        IReadOnlyList<ResourceKey> keys, Func<ResourceKey, FileWish?> wishes, CancellationToken cancellationToken)
    {
        var fetched = new Fetched[keys.Count];
        var stop = await SideBySideAsync([.. Batches(keys)], (batch, token) => SearchAsync(keys, batch, fetched, token), cancellationToken);

        // What no search brought is read by itself, if only to hear why.
        var single = Enumerable.Range(0, keys.Count).Where(i => fetched[i] == default).ToList();
        stop ??= await SideBySideAsync(single, async (i, token) => (fetched[i] = await ReadOneAsync(keys[i], wishes, token)).Failure, cancellationToken);
        return (fetched, stop);
    }

    private IEnumerable<List<int>> Batches(IReadOnlyList<ResourceKey> keys) => Enumerable.Range(0, keys.Count)
        .GroupBy(i => keys[i].Type, StringComparer.Ordinal)
        // Files one by one: each may be as large as a page of anything else, and many servers give none by a search.
        .Where(group => group.Key != "Binary")
        .Where(group => capabilities?.CanSearch(group.Key, "_id") == true)
        .SelectMany(group => group.Chunk(IdsInOneSearch))
        .Where(batch => batch.Length >= WorthOneSearch)
        .Select(batch => batch.ToList());

    private async Task<EhrFailure?> SideBySideAsync<T>(IReadOnlyList<T> items, Func<T, CancellationToken, Task<EhrFailure?>> fetch, CancellationToken cancellationToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        EhrFailure? stop = null;
        try
        {
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = limits.Parallelism, CancellationToken = enough.Token };
            await Parallel.ForEachAsync(items, parallel, async (item, token) =>
            {
                if (await fetch(item, token) is not { } failure || !IsTheEnd(failure)) return;
                Interlocked.CompareExchange(ref stop, failure, null);
                await enough.CancelAsync();
            });
        }
        catch (OperationCanceledException) when (stop is not null && !cancellationToken.IsCancellationRequested)
        {
            // Called off: one failure has decided.
        }

        return stop;
    }

    private bool IsTheEnd(EhrFailure failure) => failure.Kind == FailureKind.Unauthorized || (failure.MayPass && !mayMiss);

    private async Task<EhrFailure?> SearchAsync(IReadOnlyList<ResourceKey> keys, List<int> batch, Fetched[] fetched, CancellationToken cancellationToken)
    {
        var (type, wanted) = (keys[batch[0]].Type, batch.ToDictionary(i => keys[i]));
        var query = $"_id={string.Join(',', batch.Select(i => keys[i].Id))}&_count={batch.Count}";
        var walk = new SearchWalk(batch.Count + 1, limits.MaxRecordBytes);
        string? next = null;
        try
        {
            do
            {
                var (page, got) = await ehr.GetAsync(
                    async (client, token) =>
                    {
                        using var draft = index.Draft();
                        var found = new List<(int At, Fetched Fetched)>();
                        SearchEntrySink sink = (entry, _) =>
                        {
                            if (entry.Key is { } key && wanted.TryGetValue(key, out int at)) found.Add((at, entry.Fault is null ? Take(entry.Resource, key, draft) : new Fetched(null, GapReason.NotFhir, null)));
                            return ValueTask.CompletedTask;
                        };
                        var read = next is null ? await client.SearchAsync(type, query, draft.Append, sink, token) : await client.FollowAsync(next, draft.Append, sink, token);
                        foreach (var (_, one) in found)
                        {
                            if (one.Body is { } body) draft.Keep(body);
                        }

                        return (read, found);
                    },
                    cancellationToken);
                foreach (var (at, one) in got)
                {
                    // Given twice: the later one counts.
                    if (fetched[at].Body is { } earlier) index.Drop(earlier);
                    fetched[at] = one;
                }

                next = walk.Next(page);
            }
            while (next is not null);

            return null;
        }
        catch (Exception e) when (EhrFailure.Of(e) is { } failure)
        {
            // Refused or broken off: the rest is read one by one.
            return failure;
        }
        catch (RecordLimitException)
        {
            // One by one, so that it is known which of them are too many.
            return null;
        }
    }

    private async Task<Fetched> ReadOneAsync(ResourceKey key, Func<ResourceKey, FileWish?> wishes, CancellationToken cancellationToken)
    {
        if (key.Type == "Binary") return await _files.ReadAsync(key, wishes(key) ?? FileWish.Binary, cancellationToken);
        try
        {
            return await ehr.GetAsync(
                async (client, token) =>
                {
                    using var draft = index.Draft();
                    var fetched = Take(await client.ReadAsync(key.Type, key.Id, draft.Append, token), key, draft);
                    if (fetched.Body is { } body) draft.Keep(body);
                    return fetched;
                },
                cancellationToken);
        }
        catch (Exception e) when (EhrFailure.Of(e) is { } failure)
        {
            return new Fetched(null, failure.Gap, failure);
        }
        catch (RecordLimitException)
        {
            return new Fetched(null, GapReason.Limit, null);
        }
    }

    private Fetched Take(RawResource resource, ResourceKey key, SpoolDraft draft)
    {
        if (Sieve.Named.WhyNot(ClinicalFacts.Read(resource)) is { } why) return new Fetched(null, why.Code, null);
        try
        {
            var references = new List<FoundReference>();
            var signs = index.Scan(resource, references);
            return patient.TieOf(key, references) switch
            {
                PatientTie.Other => new Fetched(null, GapReason.OtherPatient, null),
                PatientTie.Unverifiable => new Fetched(null, GapReason.PatientUnknown, null),
                _ => new Fetched(index.StoreScanned(resource, references, signs, draft), null, null),
            };
        }
        catch (RecordLimitException)
        {
            return new Fetched(null, GapReason.Limit, null);
        }
    }
}
