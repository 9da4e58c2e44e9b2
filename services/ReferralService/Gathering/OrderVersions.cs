using ReferralService.Fhir.Bundles;
using ReferralService.Fhir.Client;
using ReferralService.Ledger;

namespace ReferralService.Gathering;

/// <summary>Asks an EHR which version some of its orders have now, many in one search: what has not changed need not be read.</summary>
internal sealed class OrderVersions(EhrConnections connections)
{
    private const int InOneSearch = 50;

    /// <returns>Without version: it must be read by itself (not in the answer, or the EHR does not say). Missing: the EHR did not answer this time.</returns>
    public async Task<IReadOnlyList<SweptOrder>> AskAsync(string ehr, IReadOnlyList<string> orders, CancellationToken cancellationToken)
    {
        if (connections.Find(ehr) is not { } connection) return [];
        var told = (await connection.CapabilitiesAsync(cancellationToken))?.Resources.GetValueOrDefault("ServiceRequest")?.SearchParameters;
        bool canSearch = told is null || told.Count == 0 || told.Contains("_id");
        var versions = new List<SweptOrder>(orders.Count);
        foreach (var some in orders.Chunk(InOneSearch))
        {
            try
            {
                var found = canSearch ? await connection.GetAsync((client, token) => SearchAsync(client, some, token), cancellationToken) : [];
                versions.AddRange(some.Select(id => new SweptOrder(id, found.GetValueOrDefault(id))));
            }
            catch (Exception e) when (EhrFailure.Of(e) is { } failure)
            {
                if (failure.Kind != FailureKind.Refused) return versions;
                canSearch = false;
                versions.AddRange(some.Select(id => new SweptOrder(id, null)));
            }
        }

        return versions;
    }

    /// <summary>One page: a server that ignores <c>_id</c> would have many, and what is missing in it is read by itself.</summary>
    private static async Task<Dictionary<string, string?>> SearchAsync(FhirClient client, string[] ids, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, string?>(StringComparer.Ordinal);
        SearchEntrySink sink = (entry, _) =>
        {
            if (entry is { Fault: null, Mode: SearchEntryMode.Match, Resource: { Type: "ServiceRequest", Id: { } id } order }) found[id] = order.VersionId;
            return ValueTask.CompletedTask;
        };
        await client.SearchAsync("ServiceRequest", $"_id={string.Join(',', ids)}&_count={InOneSearch}", sink, cancellationToken);
        return found;
    }
}
