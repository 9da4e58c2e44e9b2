namespace ReferralService.Fhir.References;

public enum ReferenceSite
{
    /// <summary>Reference.reference.</summary>
    Reference,

    /// <summary>Attachment.url.</summary>
    AttachmentUrl,

    /// <summary><c>href</c> or <c>src</c> inside a narrative's div.</summary>
    Narrative,
}

/// <summary>Where one reference stands in a resource's bytes.</summary>
/// <param name="Offset">Of the first byte of the text, inside the quotes (JSON's, or the attribute's inside a narrative).</param>
/// <param name="Length">In bytes, as written (escapes not undone).</param>
/// <param name="Text">The text with JSON (and, in a narrative, XML) escapes undone.</param>
/// <param name="Path">Element path without indexes, e.g. <c>result</c>, <c>context.related</c>, <c>contained.subject</c>.</param>
public readonly record struct FoundReference(int Offset, int Length, ReferenceSite Site, string Text, string Path);

public static class ReferenceScanner
{
    /// <summary>Finds every reference of one resource in one forward pass, in byte order. Canonicals (instantiatesCanonical, meta.profile, extension.url …) are not references.</summary>
    public static void Scan(ReadOnlySpan<byte> resource, List<FoundReference> found) => throw new NotImplementedException();
}
