using ReferralService.Fhir.Json;

namespace ReferralService.Fhir.Resources;

/// <summary>What is read of a Consent (R4), and the names of what stands in it that is not: whoever decides by it must know that it says more.</summary>
public sealed record ConsentView
{
    public string? Id { get; init; }
    public string? VersionId { get; init; }
    public string? LastUpdated { get; init; }
    public string? Status { get; init; }
    public ConceptView? Scope { get; init; }
    public IReadOnlyList<ConceptView> Category { get; init; } = [];
    public ReferenceView? Patient { get; init; }
    public string? DateTime { get; init; }

    /// <summary>Of each <c>policy</c> its uri.</summary>
    public IReadOnlyList<string> PolicyUris { get; init; } = [];
    public ConceptView? PolicyRule { get; init; }
    public ConsentProvision? Provision { get; init; }

    /// <summary>Elements that may change the meaning and are not read; e.g. <c>modifierExtension</c>.</summary>
    public IReadOnlyList<string> NotUnderstood { get; init; } = [];

    /// <exception cref="Errors.FhirFormatException">Not a Consent, or an element read here has the wrong JSON shape; the path names it.</exception>
    public static ConsentView Read(RawResource resource)
    {
        var e = ElementReader.Open(resource, "Consent");
        var view = new ConsentView { Id = resource.Id, VersionId = resource.VersionId, LastUpdated = resource.LastUpdated };
        var unknown = new List<string>();
        while (e.Next())
        {
            if (e.Is("status"u8)) view = view with { Status = e.Text() };
            else if (e.Is("scope"u8)) view = view with { Scope = e.Concept() };
            else if (e.Is("category"u8)) view = view with { Category = e.Concepts() };
            else if (e.Is("patient"u8)) view = view with { Patient = e.Reference() };
            else if (e.Is("dateTime"u8)) view = view with { DateTime = e.Text() };
            else if (e.Is("policy"u8)) view = view with { PolicyUris = e.List(static (ref ElementReader r) => ReadPolicy(ref r)) };
            else if (e.Is("policyRule"u8)) view = view with { PolicyRule = e.Concept() };
            else if (e.Is("provision"u8)) view = view with { Provision = ConsentProvision.Read(ref e) };
            else if (e.Is("modifierExtension"u8) || e.Is("implicitRules"u8))
            {
                unknown.Add(e.Is("implicitRules"u8) ? "implicitRules" : "modifierExtension");
                e.Skip();
            }
            else e.Skip();
        }

        return view with { NotUnderstood = unknown };
    }

    private static string? ReadPolicy(ref ElementReader e)
    {
        if (!e.Enter()) return null;
        string? uri = null;
        while (e.Next())
        {
            if (e.Is("uri"u8)) uri = e.Text();
            else e.Skip();
        }

        return uri;
    }
}
