namespace ReferralService.RecipientDirectory;

/// <summary>Decides form and route for a recipient: configured, else Auto from its /metadata and what was learned (interfaces §6).</summary>
internal sealed class TargetFinder
{
    public Task<TargetResolution> FindAsync(string recipient, CancellationToken cancellationToken) => throw new NotImplementedException();
}
