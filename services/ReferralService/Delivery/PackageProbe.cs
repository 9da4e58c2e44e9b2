using System.Net;
using System.Security.Cryptography;
using ReferralService.Contracts;
using ReferralService.Fhir.Bundles;
using ReferralService.Fhir.Errors;
using ReferralService.RecipientDirectory;

namespace ReferralService.Delivery;

/// <summary>Asks a recipient whether it has a package: by its id where it was PUT, else by its identifier, and then only where the answer proves something.</summary>
internal static class PackageProbe
{
    private const string FoundByProbe = "found-by-probe";
    private const string DigestDiffers = "digest-differs";
    private const string FoundMoreThanOnce = "found-more-than-once";

    public static async Task<DeliveryOutcome> AskAsync(RecipientConnection connection, DeliveryRoute route, SendablePackage package, CancellationToken cancellationToken)
    {
        try
        {
            return route switch
            {
                DeliveryRoute.PutBundle => await ByIdAsync(connection, package, cancellationToken),
                DeliveryRoute.PostBundle => await ByIdentifierAsync(connection, "Bundle", package, cancellationToken),
                _ => await ByIdentifierAsync(connection, "Task", package, cancellationToken),
            };
        }
        catch (FhirFormatException)
        {
            return new DeliveryOutcome.Unprovable();
        }
        catch (FhirRequestException e)
        {
            return Unasked(e);
        }
    }

    /// <summary>A server adds id and meta and may write numbers anew, so it is known by its identifier; the digest is only a shortcut.</summary>
    private static async Task<DeliveryOutcome> ByIdAsync(RecipientConnection connection, SendablePackage package, CancellationToken cancellationToken)
    {
        var id = package.PackageId.ToString();
        try
        {
            var found = await connection.Reads.RunAsync((client, token) => client.ReadAsync("Bundle", id, token), cancellationToken);
            var ours = $"sha-256:{Convert.ToHexStringLower(SHA256.HashData(found.Utf8.Span))}" == package.Digest || IdentifierReading.IsOurs(found, package.PackageId);
            return new DeliveryOutcome.Delivered(200, $"Bundle/{id}", ours ? FoundByProbe : DigestDiffers);
        }
        catch (FhirRequestException e) when (e.Status == HttpStatusCode.NotFound)
        {
            return await PostedAsync(connection, package, cancellationToken) ?? new DeliveryOutcome.Absent();
        }
        catch (FhirRequestException e) when (e is { Status: HttpStatusCode.OK, Code: RequestCode.TooLarge })
        {
            return new DeliveryOutcome.Delivered(200, $"Bundle/{id}", FoundByProbe);
        }
    }

    /// <summary>Not under our id; but a server that told other things of itself then may have been given it by POST. Null unless it is found so.</summary>
    private static async Task<DeliveryOutcome?> PostedAsync(RecipientConnection connection, SendablePackage package, CancellationToken cancellationToken)
    {
        try
        {
            return await ByIdentifierAsync(connection, "Bundle", package, cancellationToken) as DeliveryOutcome.Delivered;
        }
        catch (Exception e) when (e is FhirRequestException or FhirFormatException)
        {
            // It cannot be asked so; that the id is free was answered.
            return null;
        }
    }

    /// <summary>What is found is checked here; that nothing is found counts only if the server says that it looked for the identifier (its self link).</summary>
    private static async Task<DeliveryOutcome> ByIdentifierAsync(RecipientConnection connection, string type, SendablePackage package, CancellationToken cancellationToken)
    {
        var identifier = $"{IdentifierReading.System}|{IdentifierReading.Value(package.PackageId)}";
        var query = $"identifier={Uri.EscapeDataString(identifier)}&_count=2";
        var matches = 0;
        var ours = new List<string?>();
        SearchPage page;
        try
        {
            page = await SearchAsync($"{query}&_elements=identifier");
        }
        catch (FhirRequestException e) when (e.Status == HttpStatusCode.BadRequest)
        {
            // A strict server that knows no _elements may still know the identifier.
            page = await SearchAsync(query);
        }

        return ours switch
        {
            [var one] => new DeliveryOutcome.Delivered(200, one, FoundByProbe),
            [var first, ..] => new DeliveryOutcome.Delivered(200, first, FoundMoreThanOnce),
            [] when matches == 0 && Echoes(page.SelfLink, package.PackageId) => new DeliveryOutcome.Absent(),
            [] => new DeliveryOutcome.Unprovable(),
        };

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
                if (entry.Resource.Type == type && IdentifierReading.IsOurs(entry.Resource, package.PackageId))
                {
                    ours.Add(entry.Resource.Key?.ToString());
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

    private static DeliveryOutcome Unasked(FhirRequestException e) => (int?)e.Status switch
    {
        401 or 403 => new DeliveryOutcome.Refused(ReasonCodes.AuthRefused, (int?)e.Status, Fails: false, IssueCodes.Of(e.Issues), null),
        429 => new DeliveryOutcome.Unreachable(ReasonCodes.RecipientThrottled, 429, e.RetryAfter),
        503 => new DeliveryOutcome.Unreachable(ReasonCodes.RecipientBusy, 503, e.RetryAfter),
        >= 300 and < 500 and not 408 and not 425 => new DeliveryOutcome.Unprovable(),
        501 => new DeliveryOutcome.Unprovable(),
        null when e.IsUntrusted => new DeliveryOutcome.Refused(ReasonCodes.Tls, null, Fails: false, [], null),
        _ when e.Code is RequestCode.NotFhir => new DeliveryOutcome.Unprovable(),
        _ => new DeliveryOutcome.Unreachable(ReasonCodes.RecipientUnreachable, (int?)e.Status, e.RetryAfter),
    };
}
