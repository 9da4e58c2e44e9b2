namespace ReferralService.Fhir.References;

/// <summary>What a reference says of whose a resource is.</summary>
public enum PatientLink
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It names whoever the resource is about: anybody but a Patient leaves that open.</summary>
    Subject,

    /// <summary>It names one of several who take part, or whom something carried inside is about: it matters only where that is a Patient.</summary>
    Party,
}

/// <summary>The elements by which R4's patient compartment goes (compartmentdefinition-patient.html), those of what is carried inside another resource, and whose record a Binary is guarded as.</summary>
public static class PatientLinks
{
    private const string Contained = "contained.", Entry = "entry.resource.";

    /// <param name="path">As <see cref="FoundReference.Path"/>.</param>
    public static PatientLink Of(string type, string path) => path switch
    {
        "subject" or "patient" or "beneficiary" => PatientLink.Subject,
        "for" when type == "Task" => PatientLink.Subject,
        "individual" when type == "ResearchSubject" => PatientLink.Subject,
        "candidate" when type == "EnrollmentRequest" => PatientLink.Subject,
        "participant.actor" when type == "Appointment" => PatientLink.Party,
        "actor" when type is "AppointmentResponse" or "Schedule" => PatientLink.Party,
        "link.target" when type == "Person" => PatientLink.Party,
        "member.entity" when type == "Group" => PatientLink.Party,
        "securityContext" when type == "Binary" => PatientLink.Party,
        "target" when type == "Provenance" => PatientLink.Party,
        _ when path.StartsWith(Contained, StringComparison.Ordinal) => Inside(path.AsSpan(Contained.Length)),
        _ when type == "Bundle" && path.StartsWith(Entry, StringComparison.Ordinal) => Inside(path.AsSpan(Entry.Length)),
        _ => PatientLink.None,
    };

    private static PatientLink Inside(ReadOnlySpan<char> path) => path is "subject" or "patient" or "beneficiary" ? PatientLink.Party : PatientLink.None;
}
