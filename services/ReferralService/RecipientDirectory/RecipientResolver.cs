using ReferralService.Contracts;
using ReferralService.Fhir.Resources;
using ReferralService.Gathering;
using ReferralService.Intake;

namespace ReferralService.RecipientDirectory;

/// <summary>Finds the configured recipient that an order is for (interfaces §3, "What one referral is").</summary>
/// <param name="ehr">Gives the reading at the EHR of that name.</param>
internal sealed class RecipientResolver(EhrRegistry ehrs, RecipientIndex index, Func<string, ReadAtEhr> ehr)
{
    /// <summary>By the order's performers: literal reference, Reference.identifier, then identifiers of the performer and its organization (read from the EHR).</summary>
    /// <remarks>Several performers are alternatives: those its author ranked, from the first rank that means anybody; all others together, last. Two recipients in one rank are one too many.</remarks>
    public async Task<RecipientResolution> ResolveAsync(OrderSnapshot order, CancellationToken cancellationToken)
    {
        if (ehrs.Find(order.Ehr) is not { } from)
        {
            return new RecipientResolution.Deferred(ReasonCodes.EhrUnreachable, null);
        }

        var walk = new PerformerWalk(index, RawResource.Read(order.Utf8), from.BaseUrl.AbsoluteUri.TrimEnd('/'), ehr(order.Ehr));
        foreach (var rank in order.View.Performer.GroupBy(p => p.Order ?? int.MaxValue).OrderBy(g => g.Key))
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
}
