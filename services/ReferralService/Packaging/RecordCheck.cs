using ReferralService.Contracts;
using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;
using ReferralService.Gathering;

namespace ReferralService.Packaging;

/// <summary>Whether a package may be made of a record at all: there is an order, it is about the Patient, and so is everything else.</summary>
/// <remarks>Gathering has dropped what is about others; this is the last look before a record leaves the house.</remarks>
internal static class RecordCheck
{
    /// <summary>Null when it may; then <paramref name="order"/> and <paramref name="patient"/> are the record's.</summary>
    public static PackagingOutcome.Impossible? WhyNot(GatheredRecord record, out GatheredResource? order, out GatheredResource? patient)
    {
        order = Find(record.Resources, new ResourceKey("ServiceRequest", record.Order.View.Id));
        patient = Find(record.Resources, record.Patient);
        if (order is null) return new(ReasonCodes.RecordIncomplete, "ServiceRequest", "The order itself is not in the record.");
        if (patient is null) return new(ReasonCodes.RecordIncomplete, "Patient", "The Patient is not in the record.");
        if (HasTwice(record.Resources))
            return new(ReasonCodes.PackageInvalid, "Bundle.entry.fullUrl", "A resource is in the record twice.");

        var ehr = EhrAddress.Of(record);
        string about = record.SourceUrl(patient);
        if (!IsAbout(order, about, ehr))
            return new(ReasonCodes.WrongPatient, "ServiceRequest.subject", "The order is not about the Patient of the record.");

        var check = new PatientCheck(record.Patient, new OwnOrigin(record.EhrBase), record.Exceptions);
        for (int at = 0; at < record.Resources.Count; at++)
        {
            var resource = record.Resources[at];
            string type = resource.Key.Type;
            if (type == "Patient" && resource != patient) return new(ReasonCodes.WrongPatient, "Patient", "There is a second Patient in the record.");
            if (resource.HidesPatient) return new(ReasonCodes.WrongPatient, type, "A resource of the record does not say by a reference whose it is.");
            if (resource.HasCredentials) return new(ReasonCodes.RecordInvalid, type, "A resource of the record carries credentials.");
            var references = resource.References;
            for (int i = 0; i < references.Count; i++)
            {
                switch (check.TieOf(resource.Key, references[i]))
                {
                    case PatientTie.Other:
                        return new(ReasonCodes.WrongPatient, $"{type}.{references[i].Path}", "A resource of the record is about another Patient.");
                    case PatientTie.Unverifiable:
                        return new(ReasonCodes.WrongPatient, $"{type}.{references[i].Path}", "A resource of the record is about a group or a thing, or about somebody whom its reference does not name.");
                    default:
                        break;
                }
            }
        }

        return null;
    }

    private static GatheredResource? Find(IReadOnlyList<GatheredResource> resources, ResourceKey key)
    {
        for (int i = 0; i < resources.Count; i++)
        {
            if (resources[i].Key == key) return resources[i];
        }

        return null;
    }

    private static bool IsAbout(GatheredResource order, string patient, EhrAddress ehr)
    {
        for (int i = 0; i < order.References.Count; i++)
        {
            if (order.References[i] is { Path: "subject", Site: ReferenceSite.Reference } subject && Names(subject, ehr) == patient) return true;
        }

        return false;
    }

    /// <summary>Gathering hands resources over by type and id, each once: then neighbours tell.</summary>
    private static bool HasTwice(IReadOnlyList<GatheredResource> resources)
    {
        for (int i = 1; i < resources.Count; i++)
        {
            if (RecordIndex.ByTypeAndId(resources[i - 1].Key, resources[i].Key) >= 0) return resources.Select(r => r.Key).ToHashSet().Count != resources.Count;
        }

        return false;
    }

    /// <summary>The Patient a reference names; null when it names none.</summary>
    private static string? Names(FoundReference reference, EhrAddress ehr)
    {
        var parsed = FhirReference.Parse(reference.Text);
        return parsed.Type == "Patient" ? ehr.UrlOf(parsed) : null;
    }
}
