using System.Net;
using System.Security.Cryptography;
using ReferralService.Contracts;
using ReferralService.Fhir.Errors;
using ReferralService.Fhir.References;
using ReferralService.RecipientDirectory;

namespace ReferralService.Delivery;

/// <summary>Asks a recipient whether it has a package: by its id where it was PUT, else by its identifier, and then only where the answer proves something.</summary>
internal static class PackageProbe
{
    private const string FoundByProbe = "found-by-probe";
    private const string DigestDiffers = "digest-differs";

    public static async Task<DeliveryOutcome> AskAsync(RecipientConnection connection, DeliveryRoute route, SendablePackage package, CancellationToken cancellationToken)
    {
        try
        {
            return route switch
            {
                DeliveryRoute.PutBundle => await ByIdAsync(connection, package, cancellationToken),
                DeliveryRoute.PostBundle => await ByIdentifierAsync(connection, "Bundle", package, cancellationToken),
                _ => await WholeAsync(connection, package, await ByIdentifierAsync(connection, "Task", package, cancellationToken), cancellationToken),
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

    /// <summary>A server adds id and meta and may write numbers anew: the same package is known by its digest, else by identifier and timestamp.</summary>
    private static async Task<DeliveryOutcome> ByIdAsync(RecipientConnection connection, SendablePackage package, CancellationToken cancellationToken)
    {
        var id = package.PackageId.ToString();
        try
        {
            if (await connection.Reads.RunAsync((client, token) => client.FindAsync("Bundle", id, token), cancellationToken) is not { } found)
                return await PostedAsync(connection, package, cancellationToken) ?? new DeliveryOutcome.Absent();

            var same = $"sha-256:{Convert.ToHexStringLower(SHA256.HashData(found.Utf8.Span))}" == package.Digest
                || (IdentifierReading.IsOurs(found, package.PackageId) && await IsOfThisBuildAsync(IdentifierReading.Timestamp(found), package, cancellationToken));
            return new DeliveryOutcome.Delivered(200, $"Bundle/{id}", same ? FoundByProbe : DigestDiffers);
        }
        catch (FhirRequestException e) when (e.Status == HttpStatusCode.Gone)
        {
            return new DeliveryOutcome.Doubtful(DeliveryOutcome.Doubtful.Deleted, [$"Bundle/{id}"]);
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
            var outcome = await ByIdentifierAsync(connection, "Bundle", package, cancellationToken);
            return outcome is DeliveryOutcome.Delivered or DeliveryOutcome.Doubtful ? outcome : null;
        }
        catch (Exception e) when (e is FhirRequestException or FhirFormatException)
        {
            // It cannot be asked so; that the id is free was answered.
            return null;
        }
    }

    private static async Task<DeliveryOutcome> ByIdentifierAsync(RecipientConnection connection, string type, SendablePackage package, CancellationToken cancellationToken)
    {
        var answer = await IdentifierSearch.AskAsync(connection, type, package.PackageId, cancellationToken);
        return answer.Ours switch
        {
            [var (key, timestamp)] => new DeliveryOutcome.Delivered(200, key, await IsOfThisBuildAsync(timestamp, package, cancellationToken) ? FoundByProbe : DigestDiffers),
            [_, ..] => new DeliveryOutcome.Doubtful("found-more-than-once", [.. answer.Ours.Select(one => one.Key).OfType<string>()]),
            [] when answer.Reliable => new DeliveryOutcome.Absent(),
            [] => new DeliveryOutcome.Unprovable(),
        };
    }

    /// <summary>Not so where a ledger restored from a backup has built the same version anew: then the recipient has the earlier build, and keeps it.</summary>
    private static async Task<bool> IsOfThisBuildAsync(DateTimeOffset? timestamp, SendablePackage package, CancellationToken cancellationToken)
        => timestamp is null || await PackageHead.TimestampAsync(package, cancellationToken) is not { } ours || ours == timestamp;

    /// <summary>A Task proves only itself; whatever hinders the proof, it was found, and nothing is sent again on the strength of that.</summary>
    private static async Task<DeliveryOutcome> WholeAsync(RecipientConnection connection, SendablePackage package, DeliveryOutcome found, CancellationToken cancellationToken)
        => found is DeliveryOutcome.Delivered { Location: { } place, Noted: var noted } && FhirReference.Parse(place).Key is { } task
            ? await TransactionProof.OfAsync(connection, task, package.Entries, noted ?? FoundByProbe, cancellationToken)
            : found;

    private static DeliveryOutcome Unasked(FhirRequestException e) => (int?)e.Status switch
    {
        401 or 403 => new DeliveryOutcome.Refused(ReasonCodes.AuthRefused, (int?)e.Status, Fails: false, IssueCodes.Of(e.Issues), null),
        429 => new DeliveryOutcome.Unreachable(ReasonCodes.RecipientThrottled, 429, e.RetryAfter),
        503 => new DeliveryOutcome.Unreachable(ReasonCodes.RecipientBusy, 503, e.RetryAfter),
        >= 300 and < 500 and not 408 and not 425 => new DeliveryOutcome.Unprovable(),
        501 => new DeliveryOutcome.Unprovable(),
        null when e.IsUntrusted => new DeliveryOutcome.Refused(ReasonCodes.Tls, null, Fails: false, [], null) { Detail = TlsMessages.Detail(e) },
        _ when e.Code is RequestCode.NotFhir => new DeliveryOutcome.Unprovable(),
        _ => new DeliveryOutcome.Unreachable(ReasonCodes.RecipientUnreachable, (int?)e.Status, e.RetryAfter),
    };
}
