using System.Buffers;
using ReferralService.Fhir.Json;

namespace ReferralService.Fhir.References;

public static class ReferenceRewriter
{
    /// <summary>Copies a resource, replacing the text of references. Every other byte is copied as it is.</summary>
    /// <param name="found">As <see cref="ReferenceScanner.Scan(ReadOnlySpan{byte}, List{FoundReference})"/> gave them for these bytes.</param>
    /// <param name="replace">The new text, or null to leave it. It is escaped for JSON (and XML in a narrative) here.</param>
    /// <returns>How many were replaced.</returns>
    public static int Write(ReadOnlySpan<byte> resource, IReadOnlyList<FoundReference> found, Func<FoundReference, string?> replace, IBufferWriter<byte> output)
        => Write(resource, found, new ReplacementByText(replace), output);

    /// <summary>The same without a string for each.</summary>
    public static int Write(ReadOnlySpan<byte> resource, IReadOnlyList<FoundReference> found, IReferenceReplacement replacement, IBufferWriter<byte> output)
    {
        int copied = 0, replaced = 0;
        for (int i = 0; i < found.Count; i++)
        {
            var reference = found[i];
            if (!replacement.Replaces(in reference)) continue;
            output.Write(resource[copied..reference.Offset]);
            replacement.Write(in reference, resource.Slice(reference.Offset, reference.Length), output);
            copied = reference.Offset + reference.Length;
            replaced++;
        }

        output.Write(resource[copied..]);
        return replaced;
    }

    /// <summary>Writes the new text of one reference, escaped for where it stands.</summary>
    public static void WriteText(ReferenceSite site, string text, IBufferWriter<byte> output)
        => JsonStrings.WriteEscaped(output, site == ReferenceSite.Narrative ? XmlText.Escape(text) : text);

    private sealed class ReplacementByText(Func<FoundReference, string?> replace) : IReferenceReplacement
    {
        private string? _text;

        public bool Replaces(in FoundReference found) => (_text = replace(found)) is not null;

        public void Write(in FoundReference found, ReadOnlySpan<byte> written, IBufferWriter<byte> output) => WriteText(found.Site, _text!, output);
    }
}
