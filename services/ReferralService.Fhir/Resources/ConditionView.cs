using ReferralService.Fhir.Json;

namespace ReferralService.Fhir.Resources;

/// <summary>What the rooms read of a Condition.</summary>
public sealed record ConditionView
{
    public string? Id { get; init; }
    public ConceptView? ClinicalStatus { get; init; }
    public ConceptView? VerificationStatus { get; init; }
    public IReadOnlyList<ConceptView> Category { get; init; } = [];
    public ConceptView? Code { get; init; }
    public ReferenceView? Subject { get; init; }

    /// <summary>A date as written; null where onset is an age, a range or free text.</summary>
    public string? Onset { get; init; }
    public string? RecordedDate { get; init; }

    /// <exception cref="Errors.FhirFormatException">Not a Condition, or an element read here has the wrong JSON shape; the path names it.</exception>
    public static ConditionView Read(RawResource resource)
    {
        var e = ElementReader.Open(resource, "Condition");
        ConceptView? clinicalStatus = null;
        ConceptView? verificationStatus = null;
        IReadOnlyList<ConceptView> category = [];
        ConceptView? code = null;
        ReferenceView? subject = null;
        string? onset = null;
        string? recordedDate = null;
        while (e.Next())
        {
            if (e.Is("clinicalStatus"u8)) clinicalStatus = e.Concept();
            else if (e.Is("verificationStatus"u8)) verificationStatus = e.Concept();
            else if (e.Is("category"u8)) category = e.Concepts();
            else if (e.Is("code"u8)) code = e.Concept();
            else if (e.Is("subject"u8)) subject = e.Reference();
            else if (e.IsChoice("onset"u8)) onset = e.ChoiceDate("onset"u8);
            else if (e.Is("recordedDate"u8)) recordedDate = e.Text();
            else e.Skip();
        }

        return new ConditionView
        {
            Id = resource.Id,
            ClinicalStatus = clinicalStatus,
            VerificationStatus = verificationStatus,
            Category = category,
            Code = code,
            Subject = subject,
            Onset = onset,
            RecordedDate = recordedDate,
        };
    }
}
