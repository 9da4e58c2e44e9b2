using ReferralService.Gathering;

namespace ReferralService.RecipientDirectory;

/// <summary>Finds the configured recipient that an order is for (interfaces §3, "What one referral is").</summary>
internal sealed class RecipientResolver
{
    /// <summary>By the order's performers: literal reference, Reference.identifier, then identifiers of the performer and its organization (read from the EHR).</summary>
    public Task<RecipientResolution> ResolveAsync(OrderSnapshot order, CancellationToken cancellationToken) => throw new NotImplementedException();
}
