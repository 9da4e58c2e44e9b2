using ReferralService.Fhir.Json;

namespace ReferralService.Fhir.Resources;

/// <summary>One part of an Observation, e.g. the systolic pressure.</summary>
/// <param name="Value">As <see cref="ObservationView.Value"/>.</param>
public sealed record ObservationComponentView(ConceptView? Code, string? Value);

/// <summary>What the rooms read of an Observation.</summary>
public sealed record ObservationView
{
    public string? Id { get; init; }
    public string? Status { get; init; }
    public IReadOnlyList<ConceptView> Category { get; init; } = [];
    public ConceptView? Code { get; init; }
    public ReferenceView? Subject { get; init; }

    /// <summary>dateTime or instant as written, or the start of the period; null for a timing.</summary>
    public string? Effective { get; init; }
    public string? Issued { get; init; }
    public IReadOnlyList<ReferenceView> Performer { get; init; } = [];

    /// <summary>For a person to read: a number's digits exactly as written, its unit behind; null when there is none or it has no short form.</summary>
    public string? Value { get; init; }
    public IReadOnlyList<ConceptView> Interpretation { get; init; } = [];
    public ReferenceView? Specimen { get; init; }
    public IReadOnlyList<ReferenceView> HasMember { get; init; } = [];
    public IReadOnlyList<ReferenceView> DerivedFrom { get; init; } = [];
    public IReadOnlyList<ObservationComponentView> Component { get; init; } = [];

    /// <exception cref="Errors.FhirFormatException">Not an Observation, or an element read here has the wrong JSON shape; the path names it.</exception>
    public static ObservationView Read(RawResource resource)
    {
        var e = ElementReader.Open(resource, "Observation");
        string? status = null, effective = null, issued = null, value = null;
        ConceptView? code = null;
        ReferenceView? subject = null, specimen = null;
        IReadOnlyList<ConceptView> category = [], interpretation = [];
        IReadOnlyList<ReferenceView> performer = [], hasMember = [], derivedFrom = [];
        IReadOnlyList<ObservationComponentView> component = [];
        while (e.Next())
        {
            if (e.Is("status"u8)) status = e.Text();
            else if (e.Is("category"u8)) category = e.Concepts();
            else if (e.Is("code"u8)) code = e.Concept();
            else if (e.Is("subject"u8)) subject = e.Reference();
            else if (e.IsChoice("effective"u8)) effective = e.ChoiceDate("effective"u8);
            else if (e.Is("issued"u8)) issued = e.Text();
            else if (e.Is("performer"u8)) performer = e.References();
            else if (e.IsChoice("value"u8)) value = e.ChoiceValue("value"u8);
            else if (e.Is("interpretation"u8)) interpretation = e.Concepts();
            else if (e.Is("specimen"u8)) specimen = e.Reference();
            else if (e.Is("hasMember"u8)) hasMember = e.References();
            else if (e.Is("derivedFrom"u8)) derivedFrom = e.References();
            else if (e.Is("component"u8)) component = e.List(static (ref ElementReader c) => ReadComponent(ref c));
            else e.Skip();
        }

        return new ObservationView
        {
            Id = resource.Id,
            Status = status,
            Category = category,
            Code = code,
            Subject = subject,
            Effective = effective,
            Issued = issued,
            Performer = performer,
            Value = value,
            Interpretation = interpretation,
            Specimen = specimen,
            HasMember = hasMember,
            DerivedFrom = derivedFrom,
            Component = component,
        };
    }

    private static ObservationComponentView? ReadComponent(ref ElementReader e)
    {
        if (!e.Enter()) return null;
        ConceptView? code = null;
        string? value = null;
        while (e.Next())
        {
            if (e.Is("code"u8)) code = e.Concept();
            else if (e.IsChoice("value"u8)) value = e.ChoiceValue("value"u8);
            else e.Skip();
        }

        return new ObservationComponentView(code, value);
    }
}
