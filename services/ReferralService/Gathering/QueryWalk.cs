using ReferralService.Fhir.Bundles;
using ReferralService.Fhir.Client;

namespace ReferralService.Gathering;

/// <summary>Walks the pages of one query, and filters every hit again.</summary>
/// <param name="slots">Bounds the requests of this gathering that are under way at once.</param>
internal sealed class QueryWalk(EhrConnection ehr, RecordIndex index, PatientCheck patient, string patientId, GatheringOptions limits, RequestSlots slots)
{
    /// <summary>Every hit that belongs to the record is in it afterwards, and a hole of the server's is a gap.</summary>
    /// <exception cref="RecordLimitException">The record grew too large.</exception>
    public async Task<SearchRecord> RunAsync(PlannedSearch search, string rule, SearchQuery query, CancellationToken cancellationToken)
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
                    if (pages++ == 0) (ignored, everybodys) = SelfLink.Read(page.SelfLink, query.Filters);
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
            catch (Exception e) when (again && pages > 0 && EhrFailure.Of(e) is { Kind: FailureKind.NotFound or FailureKind.Gone })
            {
                // Not what these answers say of a first page: there is such a search, and more to come of it.
                throw new WalkForgottenException(search.Type, e);
            }

            // It counts more than its pages held, or listed something without giving it.
            if (found < promised) index.Miss($"{search.Type}?{rule}", GapReason.IncompleteAnswer, rule);
            return new SearchRecord(search.Type, rule, query.Text, pages, found, kept, ignored);
        }
    }

    private async Task<(SearchPage Page, PageDraft Draft)> PageAsync(
        PlannedSearch search, string rule, SearchQuery query, string? next, CancellationToken cancellationToken)
    {
        await slots.EnterAsync(search.Mandatory, cancellationToken);
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
            slots.Leave();
        }
    }
}
