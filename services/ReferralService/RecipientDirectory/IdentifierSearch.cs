using System.Net;
using ReferralService.Fhir.Bundles;
using ReferralService.Fhir.Errors;

namespace ReferralService.RecipientDirectory;

/// <summary>What a search for one package identifier showed.</summary>
/// <param name="Ours">Those among the matches that really carry it: <c>Type/id</c> and Bundle.timestamp, each null when not told.</param>
/// <param name="Reliable">The server says that it searched by the identifier, and gave nothing else: finding nothing then means that there is nothing.</param>
internal sealed record IdentifierAnswer(IReadOnlyList<(string? Key, DateTimeOffset? Timestamp)> Ours, bool Reliable);

/// <summary>Asks a recipient for a package by its identifier. What is found is checked here; that nothing is found counts only if the server repeats the identifier among what it searched by (its self link).</summary>
internal static class IdentifierSearch
{
    /// <exception cref="FhirRequestException">It could not be asked.</exception>
    /// <exception cref="FhirFormatException">It did not answer with a searchset.</exception>
    public static async Task<IdentifierAnswer> AskAsync(RecipientConnection connection, string type, Guid packageId, CancellationToken cancellationToken)
    {
        var identifier = $"{IdentifierReading.System}|{IdentifierReading.Value(packageId)}";
        var query = $"identifier={Uri.EscapeDataString(identifier)}&_count=2";
        var matches = 0;
        var ours = new List<(string?, DateTimeOffset?)>();
        SearchPage page;
        try
        {
            page = await SearchAsync($"{query}&_elements=identifier{(type == "Bundle" ? ",timestamp" : "")}");
        }
        catch (FhirRequestException e) when (e.Status == HttpStatusCode.BadRequest)
        {
            // A strict server that knows no _elements may still know the identifier.
            page = await SearchAsync(query);
        }

        // A page may be empty and another one follow it (a server that filters what it has found).
        return new IdentifierAnswer(ours, matches == ours.Count && (page.NextLink is null || page.Total == 0) && Echoes(page.SelfLink, packageId));

        Task<SearchPage> SearchAsync(string text) => connection.Reads.RunAsync(
            (client, token) =>
            {
                matches = 0;
                ours.Clear();
                return client.SearchAsync(type, text, Take, token);
            },
            cancellationToken);

        ValueTask Take(SearchEntry entry, CancellationToken _)
        {
            if (entry.Mode == SearchEntryMode.Match)
            {
                matches++;
                if (entry.Resource.Type == type && IdentifierReading.IsOurs(entry.Resource, packageId))
                {
                    ours.Add((entry.Resource.Key?.ToString(), IdentifierReading.Timestamp(entry.Resource)));
                }
            }

            return ValueTask.CompletedTask;
        }
    }

    /// <summary>Whether the server repeats the identifier among the parameters it searched by; one that drops a filter drops it there too.</summary>
    private static bool Echoes(string? selfLink, Guid packageId)
    {
        var query = selfLink?.IndexOf('?', StringComparison.Ordinal) is { } at and >= 0 ? selfLink[(at + 1)..] : "";
        return query.Split('&').Any(p =>
            p.StartsWith("identifier=", StringComparison.Ordinal)
            && Uri.UnescapeDataString(p).EndsWith(IdentifierReading.Value(packageId), StringComparison.OrdinalIgnoreCase));
    }
}
