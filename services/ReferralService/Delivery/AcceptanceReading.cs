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
    public static DeliveryOutcome Of(FhirWriteAnswer answer, DeliveryRoute route, SendablePackage package) => answer.Status switch
    {
        // 202: taken to be done later (the asynchronous pattern). Whether it was done is asked by the probe.
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
