using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;
using ReferralService.Gathering;

namespace ReferralService.Packaging.Withholding;

/// <summary>Who is told what for, and when: what a consent's conditions are held against.</summary>
/// <param name="Ehr">Relative references of the record stand for resources there.</param>
/// <param name="Patient">Absolute URL at the EHR.</param>
/// <param name="Order">Absolute URL of the order at the EHR.</param>
/// <param name="Recipient">All that means the recipient: absolute unversioned URLs and <c>system|value</c>.</param>
/// <param name="Purpose">Code of v3-ActReason.</param>
internal sealed record DisclosureScene(
    EhrAddress Ehr, string Patient, string Order, IReadOnlySet<string> Recipient, DateTimeOffset At, string Purpose = DisclosureScene.Treatment)
{
    public const string Treatment = "TREAT";

    /// <summary>The organizations the recipient is part of, written as it is: whether one of them means the recipient, cannot be told.</summary>
    public IReadOnlySet<string> Above { get; init; } = new HashSet<string>();

    /// <summary>Whether a reference means the recipient. A group's members, and what is contained, cannot be told; nor can another reference than those we know the recipient by,
    /// unless we know it by one of the same kind: a Practitioner may work at the Organization.</summary>
    public Fit Means(ReferenceView? reference)
    {
        if (reference is null) return Fit.Maybe;
        string? number = reference.Identifier is { System: { } system, Value: { } value } ? $"{system}|{value}" : null;
        if (number is not null && Recipient.Contains(number)) return Fit.Yes;
        string? url = UrlOf(reference);
        if (url is not null && Recipient.Contains(url)) return Fit.Yes;
        if ((number is not null && Above.Contains(number)) || (url is not null && Above.Contains(url))) return Fit.Maybe;
        if (url is null) return reference.Reference is null && number is not null ? Another($"{reference.Identifier?.System}|") : Fit.Maybe;
        return reference.Type switch
        {
            "Device" or "Patient" or "RelatedPerson" => Fit.No,
            "CareTeam" or "Group" => Fit.Maybe,
            _ => Another(url[..(url.LastIndexOf('/') + 1)]),
        };
    }

    /// <summary>Whether a reference names the resource at this URL.</summary>
    public Fit Names(ReferenceView? reference, string url)
        => reference is not null && UrlOf(reference) is { } named ? Fits.When(named == url) : Fit.Maybe;

    /// <summary>Absolute, unversioned, at the EHR.</summary>
    public string UrlOf(GatheredResource resource) => $"{Ehr.Base}/{resource.Key.Type}/{resource.Key.Id}";

    /// <param name="kind">How all names of one kind begin: a server and type, or the system of an identifier.</param>
    private Fit Another(string kind) => Recipient.Any(name => name.StartsWith(kind, StringComparison.Ordinal)) ? Fit.No : Fit.Maybe;

    private string? UrlOf(ReferenceView reference) => reference.Reference is { } literal ? Ehr.UrlOf(literal) : null;

    /// <summary>The forms in which something that means a recipient is written: <c>Type/id</c>, an absolute URL, <c>system|value</c>.</summary>
    public static IEnumerable<string> Keys(EhrAddress ehr, IEnumerable<string> written)
        => written.Select(text => text.Contains('|') ? text : ehr.UrlOf(FhirReference.Parse(text))).OfType<string>();
}
