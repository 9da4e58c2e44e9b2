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
/// <param name="Base">Of an absolute reference: what stands before <c>/Type/id</c>.</param>
/// <param name="Type">One of R4's resource types; also of a conditional reference.</param>
/// <param name="Id">Logical id; of a contained reference the id inside the resource, null for a bare <c>#</c>.</param>
public readonly record struct FhirReference(ReferenceKind Kind, string Text, string? Base, string? Type, string? Id, string? Version)
{
    /// <summary>Type and id when the reference names a resource on some server; null for contained, urn, conditional and other.</summary>
    public ResourceKey? Key => Type is not null && Id is not null ? new ResourceKey(Type, Id) : null;

    /// <summary>Never throws: what cannot be read is <see cref="ReferenceKind.Other"/>.</summary>
    public static FhirReference Parse(string text)
    {
        if (text.StartsWith('#'))
            return new FhirReference(ReferenceKind.Contained, text, null, null, text.Length > 1 ? text[1..] : null, null);
        if (HasPrefix(text, "urn:uuid:") || HasPrefix(text, "urn:oid:")) return new FhirReference(ReferenceKind.Urn, text, null, null, null, null);

        bool web = HasPrefix(text, "http://") || HasPrefix(text, "https://");
        int query = text.AsSpan().IndexOfAny('?', '#');
        if (query < 0) return Literal(text, web);
        return !web && text[query] == '?' && ResourceTypes.Contains(text.AsSpan(0, query))
            ? new FhirReference(ReferenceKind.Conditional, text, null, text[..query], null, null)
            : Other(text);
    }

    /// <summary>The absolute, unversioned URL of what is named, a relative reference standing for one at <paramref name="serverBase"/>; null when it names no resource.</summary>
    public string? AbsoluteUrl(string serverBase) => Kind switch
    {
        ReferenceKind.Relative => $"{serverBase.TrimEnd('/')}/{Type}/{Id}",
        ReferenceKind.Absolute => $"{Base}/{Type}/{Id}",
        _ => null,
    };

    private static FhirReference Literal(string text, bool web)
    {
        ReadOnlySpan<char> rest = text;
        var last = TakeLast(ref rest);
        var beforeLast = TakeLast(ref rest);
        string? version = null;
        if (beforeLast is "_history")
        {
            if (!ResourceTypes.IsId(last)) return Other(text);
            version = last.ToString();
            last = TakeLast(ref rest);
            beforeLast = TakeLast(ref rest);
        }

        if (!ResourceTypes.IsId(last) || ResourceTypes.Known(beforeLast) is not { } type) return Other(text);
        if (!web)
        {
            return rest.IsEmpty && !text.StartsWith('/')
                ? new FhirReference(ReferenceKind.Relative, text, null, type, last.ToString(), version)
                : Other(text);
        }

        // At least a host must be left: http://Patient/1 names none.
        int host = rest.IndexOf("://", StringComparison.Ordinal) + 3;
        return host > 2 && rest.Length > host && rest[host] != '/'
            ? new FhirReference(ReferenceKind.Absolute, text, rest.ToString(), type, last.ToString(), version)
            : Other(text);
    }

    private static ReadOnlySpan<char> TakeLast(ref ReadOnlySpan<char> rest)
    {
        int slash = rest.LastIndexOf('/');
        var last = rest[(slash + 1)..];
        rest = slash < 0 ? [] : rest[..slash];
        return last;
    }

    private static bool HasPrefix(string text, string prefix)
        => text.Length > prefix.Length && text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase);

    private static FhirReference Other(string text) => new(ReferenceKind.Other, text, null, null, null, null);
}
