namespace ReferralService.Fhir.Resources;

public readonly record struct CodingView(string? System, string? Code, string? Display);

/// <summary>A CodeableConcept. <see cref="Label"/> is what a person reads: text, else the first display, else the first code.</summary>
public sealed record ConceptView(IReadOnlyList<CodingView> Codings, string? Text)
{
    public string? Label => Text ?? Codings.Select(c => c.Display ?? c.Code).FirstOrDefault(s => s is not null);

    public bool Has(string system, string code) => Codings.Any(c => c.System == system && c.Code == code);
}
