using ReferralService.Fhir.Json;

namespace ReferralService.Fhir.Resources;

/// <summary>What the rooms read of a DiagnosticReport.</summary>
public sealed record DiagnosticReportView
{
    public string? Id { get; init; }
    public string? Status { get; init; }
    public IReadOnlyList<ConceptView> Category { get; init; } = [];
    public ConceptView? Code { get; init; }
    public ReferenceView? Subject { get; init; }

    /// <summary>dateTime as written, or the start of the period.</summary>
    public string? Effective { get; init; }
    public string? Issued { get; init; }
    public IReadOnlyList<ReferenceView> Result { get; init; } = [];
    public string? Conclusion { get; init; }

    /// <exception cref="Errors.FhirFormatException">Not a DiagnosticReport, or an element read here has the wrong JSON shape; the path names it.</exception>
    public static DiagnosticReportView Read(RawResource resource)
    {
        var e = ElementReader.Open(resource, "DiagnosticReport");
        string? status = null;
        IReadOnlyList<ConceptView> category = [];
        ConceptView? code = null;
        ReferenceView? subject = null;
        string? effective = null;
        string? issued = null;
        IReadOnlyList<ReferenceView> result = [];
        string? conclusion = null;
        while (e.Next())
        {
            if (e.Is("status"u8)) status = e.Text();
            else if (e.Is("category"u8)) category = e.Concepts();
            else if (e.Is("code"u8)) code = e.Concept();
            else if (e.Is("subject"u8)) subject = e.Reference();
            else if (e.IsChoice("effective"u8)) effective = e.ChoiceDate("effective"u8);
            else if (e.Is("issued"u8)) issued = e.Text();
            else if (e.Is("result"u8)) result = e.References();
            else if (e.Is("conclusion"u8)) conclusion = e.Text();
            else e.Skip();
        }

        return new DiagnosticReportView
        {
            Id = resource.Id,
            Status = status,
            Category = category,
            Code = code,
            Subject = subject,
            Effective = effective,
            Issued = issued,
            Result = result,
            Conclusion = conclusion,
        };
    }
}
