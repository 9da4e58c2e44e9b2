using ReferralService.Contracts;
using ReferralService.Fhir.Bundles;
using ReferralService.Fhir.Client;
using ReferralService.Fhir.Errors;
using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;
using ReferralService.RecipientDirectory;

namespace ReferralService.Delivery;

/// <summary>What a 2xx really says. Pure. A success that cannot be read, or that carries an error, is none: it is Unknown.</summary>
internal static class AcceptanceReading
{
    /// <summary>A longer one is not kept.</summary>
    private const int LongestStatusUrl = 1024;

    public static DeliveryOutcome Of(FhirWriteAnswer answer, DeliveryRoute route, SendablePackage package) => answer.Status switch
    {
        // Taken to be done later (the asynchronous pattern). Where it says nothing of where to ask, the probe finds it when it is done.
        202 => new DeliveryOutcome.Working(answer.ContentLocation is { Length: <= LongestStatusUrl } url ? url : "", answer.RetryAfter),
        not (200 or 201 or 204) => Unknown(answer.Status),
        _ when route == DeliveryRoute.Transaction => OfTransaction(answer, package.Entries),
        _ => OfBundle(answer, route == DeliveryRoute.PutBundle ? $"Bundle/{package.PackageId}" : null),
    };

    private static DeliveryOutcome OfBundle(FhirWriteAnswer answer, string? expected)
    {
        if (!answer.Body.IsEmpty)
        {
            try
            {
                var body = RawResource.Read(answer.Body);
                if (body.Type == "OperationOutcome" && OperationOutcomeReader.Read(body).Any(IssueCodes.IsError))
                {
                    return Unknown(answer.Status);
                }
            }
            catch (FhirFormatException)
            {
                return Unknown(answer.Status);
            }
        }

        return new DeliveryOutcome.Delivered(answer.Status, Place(answer.Location) ?? expected, null);
    }

    /// <summary>What the result of asynchronous work says (R4 async.html): a transaction's answer entry by entry, or that of the one write as the single entry of a batch-response.</summary>
    /// <returns>Null when it tells nothing: then the probe asks.</returns>
    public static DeliveryOutcome? OfResult(FhirWriteAnswer answer, DeliveryRoute route, SendablePackage package)
    {
        if (route == DeliveryRoute.Transaction)
        {
            return OfTransaction(answer, package.Entries) is var outcome and not DeliveryOutcome.Unknown ? outcome : null;
        }

        try
        {
            return TransactionResponse.Read(answer.Body).Entries is [{ Status: >= 200 and < 300 } one]
                ? new DeliveryOutcome.Delivered(one.Status, Place(one.Location), null)
                : null;
        }
        catch (FhirFormatException)
        {
            return null;
        }
    }

    private static DeliveryOutcome OfTransaction(FhirWriteAnswer answer, int? sent)
    {
        TransactionResponse response;
        try
        {
            response = TransactionResponse.Read(answer.Body);
        }
        catch (FhirFormatException)
        {
            return Unknown(answer.Status);
        }

        var stored = response.Entries.Where(e => e.Status is >= 200 and < 300).ToList();
        var failed = response.Entries.Where(e => e.Status is < 200 or >= 300).ToList();
        if (response.Entries.Count == 0 || (response.Entries.Count < sent && (stored.Count == 0 || failed.Count == 0)))
        {
            // Of what it does not speak nobody knows: a server answers every entry, in the order they were sent.
            return Unknown(answer.Status);
        }

        var places = stored.Select(e => Place(e.Location)).OfType<string>().ToList();
        if (failed.Count == 0)
        {
            return new DeliveryOutcome.Delivered(answer.Status, places.Find(p => p.StartsWith("Task/", StringComparison.Ordinal)), null);
        }

        return stored.Count == 0
            ? OfNothingStored(failed)
            : new DeliveryOutcome.PartlyStored(stored.Count, failed.Count, places, IssueCodes.Of(failed.Select(e => e.IssueCode).OfType<string>()));
    }

    /// <summary>A batch in a transaction's clothes in which every entry failed: the gravest answer speaks for all, what nobody knows before what somebody can mend.</summary>
    private static DeliveryOutcome OfNothingStored(IEnumerable<EntryResponse> failed)
    {
        var outcomes = failed.Select(e => RefusalReading.OfStatus(e.Status, Issues(e), null, DeliveryRoute.Transaction)).ToList();
        return outcomes.Find(o => o is DeliveryOutcome.Unknown)
            ?? outcomes.Find(o => o is DeliveryOutcome.Refused { Fails: false })
            ?? outcomes.Find(o => o is DeliveryOutcome.Refused)
            ?? outcomes[0];
    }

    private static IReadOnlyList<OutcomeIssue> Issues(EntryResponse entry)
        => entry.IssueCode is { } code ? [new OutcomeIssue("error", code, entry.IssueExpression, null)] : [];

    /// <summary><c>Type/id</c> of a Location, absolute or not, with or without version; null when it names no resource. Nothing else of it is kept.</summary>
    private static string? Place(string? location)
    {
        if (location is null)
        {
            return null;
        }

        var path = location.Split('?', '#')[0].Split('/', StringSplitOptions.RemoveEmptyEntries).ToList();
        var history = path.IndexOf("_history");
        if (history >= 0)
        {
            path.RemoveRange(history, path.Count - history);
        }

        return path.Count >= 2 ? FhirReference.Parse($"{path[^2]}/{path[^1]}").Key?.ToString() : null;
    }

    private static DeliveryOutcome.Unknown Unknown(int status) => new(ReasonCodes.OutcomeUnknown, status);
}
