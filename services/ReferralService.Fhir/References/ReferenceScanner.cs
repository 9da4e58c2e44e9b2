using System.Text.Json;
using ReferralService.Fhir.Errors;
using ReferralService.Fhir.Json;
using ReferralService.Fhir.Resources;

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
/// <param name="Path">Path without indexes of the element that is the Reference, Attachment or Narrative, e.g. <c>result</c>, <c>context.related</c>, <c>contained.subject</c>, <c>text</c>.</param>
public readonly record struct FoundReference(int Offset, int Length, ReferenceSite Site, string Text, string Path);

public static class ReferenceScanner
{
    /// <summary>Finds every reference of one resource in one forward pass, in byte order. Canonicals (instantiatesCanonical, meta.profile, extension.url …) are not references.</summary>
    /// <param name="resource">Bytes that <see cref="RawResource.Read(ReadOnlyMemory{byte})"/> has accepted.</param>
    /// <param name="found">Added to; offsets are those of <paramref name="resource"/>.</param>
    /// <exception cref="FhirFormatException">The bytes are not JSON.</exception>
    public static void Scan(ReadOnlySpan<byte> resource, List<FoundReference> found)
    {
        using var tokens = new JsonTokens();
        try
        {
            tokens.Fill(resource);
        }
        catch (JsonException)
        {
            throw new FhirFormatException(FormatCode.JsonInvalid, "structure", null, "This is not JSON.");
        }

        Scan(resource, tokens, found, null);
    }

    /// <summary>The same over the resource's tokens.</summary>
    /// <param name="texts">Makes the strings; null: each is made anew.</param>
    /// <returns>What else was seen on the way.</returns>
    public static BodySigns Scan(RawResource resource, List<FoundReference> found, SharedTexts? texts) => Scan(resource.Utf8.Span, resource.Tokens, found, texts);

    private static BodySigns Scan(ReadOnlySpan<byte> resource, JsonTokens tokens, List<FoundReference> found, SharedTexts? texts)
    {
        int first = found.Count;
        Span<ReferencePass.Frame> frames = stackalloc ReferencePass.Frame[ReferencePass.Frames];
        var pass = new ReferencePass(resource, tokens.Of(resource.Length), frames, found, texts);
        pass.Run();

        // What an object is, is known at its end; references nested in it may have been found before its own.
        for (int i = first + 1; i < found.Count; i++)
        {
            if (found[i].Offset > found[i - 1].Offset) continue;
            found.Sort(first, found.Count - first, Comparer<FoundReference>.Create((a, b) => a.Offset.CompareTo(b.Offset)));
            break;
        }

        return pass.Signs;
    }
}
