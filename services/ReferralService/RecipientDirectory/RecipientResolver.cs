using ReferralService.Contracts;
using ReferralService.Fhir.Resources;
using ReferralService.Gathering;

namespace ReferralService.RecipientDirectory;

/// <summary>Finds the configured recipient that an order is for (interfaces §3, "What one referral is").</summary>
internal sealed class RecipientResolver(EhrConnections ehrs, RecipientIndex index)
{
    /// <summary>By the order's performers: literal reference, Reference.identifier, then identifiers of the performer and its organization (read from the EHR).</summary>
    /// <remarks>Several performers are alternatives: those its author ranked, from the first rank that means anybody; all others together, last. Two recipients in one rank are one too many.</remarks>
    public async Task<RecipientResolution> ResolveAsync(OrderSnapshot order, CancellationToken cancellationToken)
    {
        if (ehrs.Find(order.Ehr) is not { } ehr)
        {
            return new RecipientResolution.Deferred(ReasonCodes.EhrUnknown, null);
        }

        try
        {
            var walk = new PerformerWalk(index, RawResource.Read(order.Utf8), ehr.Client.Base, (key, token) => ReadAsync(ehr, key, token));
            return await ByRankAsync(walk, order.View.Performer, cancellationToken);
        }
        catch (Exception e) when (EhrFailure.Of(e) is { } failure)
        {
            return new RecipientResolution.Deferred(failure.Code, failure.RetryAfter);
        }
    }

    private static async Task<RecipientResolution> ByRankAsync(PerformerWalk walk, IReadOnlyList<ReferenceView> performers, CancellationToken cancellationToken)
    {
        foreach (var rank in performers.GroupBy(p => p.Order ?? int.MaxValue).OrderBy(g => g.Key))
        {
            var found = new HashSet<string>(StringComparer.Ordinal);
            foreach (var performer in rank)
            {
                found.UnionWith(await walk.RecipientsAsync(performer, cancellationToken));
            }

            if (found.Count > 0)
            {
                return found.Count == 1
                    ? new RecipientResolution.Resolved(found.Single())
                    : new RecipientResolution.Unresolved(ReasonCodes.RecipientAmbiguous, "The order's performers mean more than one recipient; retry with the one that is meant.");
            }
        }

        return new RecipientResolution.Unresolved(
            ReasonCodes.RecipientUnknown, "No configured recipient matches the order's performers; add a match under Recipients, or retry with a recipient.");
    }

    /// <summary>Null where the EHR has no such resource, or none for us: then it tells nothing, and other evidence may.</summary>
    private static async Task<RawResource?> ReadAsync(EhrConnection ehr, ResourceKey key, CancellationToken cancellationToken)
    {
        try
        {
            return await ehr.GetAsync((client, token) => client.ReadAsync(key.Type, key.Id, token), cancellationToken);
        }
        catch (Exception e) when (EhrFailure.Of(e) is { Kind: FailureKind.NotFound or FailureKind.Gone or FailureKind.Forbidden or FailureKind.Refused })
        {
            return null;
        }
    }
}
