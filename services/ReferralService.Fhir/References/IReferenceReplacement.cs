using System.Buffers;

namespace ReferralService.Fhir.References;

/// <summary>What references become while a body is copied: asked of each in turn, first whether, then for its bytes.</summary>
public interface IReferenceReplacement
{
    /// <summary>Whether it gets another text; <see cref="Write"/> follows then, before the next is asked about.</summary>
    bool Replaces(in FoundReference found);

    /// <summary>Writes the new text, escaped for where it stands.</summary>
    /// <param name="written">The old text as it stands in the body, escapes and all.</param>
    void Write(in FoundReference found, ReadOnlySpan<byte> written, IBufferWriter<byte> output);
}
