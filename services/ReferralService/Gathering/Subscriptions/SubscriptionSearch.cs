using ReferralService.Fhir.Bundles;
using ReferralService.Fhir.Client;
using ReferralService.Fhir.Errors;
using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering.Subscriptions;

/// <summary>Finds the Subscriptions of ours at an EHR: after a lost answer or a lost database nobody else knows which there are.</summary>
internal static class SubscriptionSearch
{
    /// <exception cref="FhirRequestException">The EHR did not answer.</exception>
    /// <returns>Ours, in the order of their ids; empty where the EHR lets nobody search.</returns>
    public static async Task<IReadOnlyList<SubscriptionView>> FindAsync(EhrConnection connection, SubscriptionPlan plan, CancellationToken cancellationToken)
    {
        var capabilities = await connection.CapabilitiesAsync(cancellationToken);
        bool byUrl = capabilities is null || capabilities.CanSearch("Subscription", "url");
        // By the endpoint where the EHR can; an EHR has few Subscriptions, and which are ours is decided here in either case.
        foreach (var query in byUrl ? new[] { $"url={Uri.EscapeDataString(plan.Endpoint)}&_count=50", "_count=50" } : ["_count=50"])
        {
            try
            {
                return await WalkAsync(connection, plan, query, cancellationToken);
            }
            catch (Exception e) when (EhrFailure.Of(e) is { Kind: FailureKind.Refused or FailureKind.NotFound })
            {
                // Asked in another way, or there is nothing to be asked.
            }
        }

        return [];
    }

    private static async Task<IReadOnlyList<SubscriptionView>> WalkAsync(EhrConnection connection, SubscriptionPlan plan, string query, CancellationToken cancellationToken)
    {
        var walk = new SearchWalk(connection.ClientOptions.MaxPages, long.MaxValue);
        var ours = new SortedDictionary<string, SubscriptionView>(StringComparer.Ordinal);
        string? next = null;
        do
        {
            var (page, views) = await connection.GetAsync((client, token) => PageAsync(client, plan, query, next, token), cancellationToken);
            foreach (var view in views) ours[view.Id!] = view;
            next = walk.Next(page);
        }
        while (next is not null);

        return [.. ours.Values];
    }

    private static async Task<(SearchPage Page, List<SubscriptionView> Ours)> PageAsync(
        FhirClient client, SubscriptionPlan plan, string query, string? next, CancellationToken cancellationToken)
    {
        var ours = new List<SubscriptionView>();
        SearchEntrySink sink = (entry, _) =>
        {
            if (entry is { Fault: null, Mode: SearchEntryMode.Match, Resource: { Type: "Subscription", Id: not null } resource } && Read(resource) is { } view && plan.IsOurs(view))
                ours.Add(view);
            return ValueTask.CompletedTask;
        };
        var page = next is null ? await client.SearchAsync("Subscription", query, sink, cancellationToken) : await client.FollowAsync(next, sink, cancellationToken);
        return (page, ours);
    }

    /// <summary>Somebody else's may have any shape; ours has the one we gave it.</summary>
    private static SubscriptionView? Read(RawResource resource)
    {
        try
        {
            return SubscriptionView.Read(resource);
        }
        catch (FhirFormatException)
        {
            return null;
        }
    }
}
