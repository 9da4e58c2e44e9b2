using ReferralService.Fhir.Resources;

namespace ReferralService.Fhir.References;

public enum ReferenceKind
{
    /// <summary><c>Type/id</c>, with or without <c>/_history/v</c>.</summary>
    Relative,

    /// <summary><c>http(s)://…/Type/id</c>, with or without version.</summary>
    Absolute,

    /// <summary><c>#id</c> or <c>#</c>: inside the same resource.</summary>
    Contained,

    /// <summary><c>urn:uuid:…</c> or <c>urn:oid:…</c>.</summary>
    Urn,

    /// <summary><c>Type?search</c>: legal only in a transaction that is being submitted.</summary>
    Conditional,

    /// <summary>Anything else: a canonical, a plain URL, a fragment of another document.</summary>
    Other,
}

/// <summary>A parsed Reference.reference (R4 references.html#literal). <see cref="Text"/> is always the text as written.</summary>
public readonly record struct FhirReference(ReferenceKind Kind, string Text, string? Base, string? Type, string? Id, string? Version)
{
    /// <summary>Type and id when the reference names a resource on some server; null for contained, urn, conditional and other.</summary>
    public ResourceKey? Key => Type is not null && Id is not null ? new ResourceKey(Type, Id) : null;

    /// <summary>Never throws: what cannot be read is <see cref="ReferenceKind.Other"/>.</summary>
    public static FhirReference Parse(string text) => throw new NotImplementedException();

    /// <summary>The absolute, unversioned URL of what is named, a relative reference standing for one at <paramref name="serverBase"/>; null when it names no resource.</summary>
    public string? AbsoluteUrl(string serverBase) => throw new NotImplementedException();
}
