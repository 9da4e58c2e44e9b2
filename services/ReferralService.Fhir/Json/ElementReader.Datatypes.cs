using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;

namespace ReferralService.Fhir.Json;

/// <summary>The datatypes the views share.</summary>
public ref partial struct ElementReader
{
    private const string PerformerOrder = "http://hl7.org/fhir/StructureDefinition/request-performerOrder";

    public IReadOnlyList<string> Texts() => List(static (ref ElementReader e) => e.Text());

    public IReadOnlyList<ConceptView> Concepts() => List(static (ref ElementReader e) => e.Concept());

    public IReadOnlyList<ReferenceView> References() => List(static (ref ElementReader e) => e.Reference());

    public IReadOnlyList<FhirIdentifier> Identifiers() => Values(static (ref ElementReader e) => e.Identifier());

    public IReadOnlyList<CodingView> Codings() => Values(static (ref ElementReader e) => e.Coding());

    public CodingView? Coding()
    {
        if (!Enter()) return null;
        string? system = null, code = null, display = null;
        while (Next())
        {
            if (Is("system"u8)) system = Text();
            else if (Is("code"u8)) code = Text();
            else if (Is("display"u8)) display = Text();
            else Skip();
        }

        return new CodingView(system, code, display);
    }

    public ConceptView? Concept()
    {
        if (!Enter()) return null;
        IReadOnlyList<CodingView> codings = [];
        string? text = null;
        while (Next())
        {
            if (Is("coding"u8)) codings = Codings();
            else if (Is("text"u8)) text = Text();
            else Skip();
        }

        return new ConceptView(codings, text);
    }

    public FhirIdentifier? Identifier()
    {
        if (!Enter()) return null;
        string? system = null, value = null;
        ConceptView? type = null;
        while (Next())
        {
            if (Is("system"u8)) system = Text();
            else if (Is("value"u8)) value = Text();
            else if (Is("type"u8)) type = Concept();
            else Skip();
        }

        return new FhirIdentifier(system, value, type?.Codings.Select(c => c.Code).FirstOrDefault(c => c is not null));
    }

    /// <summary>A Reference and, where the order's author ranked it, its rank (extension request-performerOrder).</summary>
    public ReferenceView? Reference()
    {
        if (!Enter()) return null;
        FhirReference? literal = null;
        FhirIdentifier? identifier = null;
        string? type = null;
        int? order = null;
        while (Next())
        {
            if (Is("reference"u8)) literal = Text() is { } text ? FhirReference.Parse(text) : null;
            else if (Is("identifier"u8)) identifier = Identifier();
            else if (Is("type"u8)) type = Text();
            else if (Is("extension"u8)) order = IntegerExtension(PerformerOrder);
            else Skip();
        }

        return new ReferenceView(literal, identifier, type ?? literal?.Type) { Order = order };
    }

    private int? IntegerExtension(string url)
    {
        int? found = null;
        if (!EnterList()) return null;
        while (NextItem())
        {
            if (!Enter()) continue;
            bool named = false;
            int? value = null;
            while (Next())
            {
                if (Is("url"u8)) named = Text() == url;
                else if (Is("valueInteger"u8)) value = Whole();
                else Skip();
            }

            if (named) found ??= value;
        }

        return found;
    }
}
