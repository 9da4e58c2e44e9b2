using ReferralService.Fhir.References;
using ReferralService.Gathering;

namespace ReferralService.Packaging;

/// <summary>Reads bodies back one at a time, and makes sure that they are still what was gathered.</summary>
internal sealed class CarriedBodies(GatheredRecord record)
{
    private byte[] _buffer = [];

    /// <summary>Good until the next call.</summary>
    /// <exception cref="InvalidDataException">The spool holds something else than was put in: gathering must be done again.</exception>
    public ReadOnlyMemory<byte> Read(GatheredResource resource)
    {
        var body = record.Body(resource, ref _buffer);
        var bytes = body.Span;
        if (bytes.Length != resource.Length || bytes is not [(byte)'{', .., (byte)'}'] || !Fit(bytes, resource.References))
            throw new InvalidDataException("The spool no longer holds the bytes that were gathered.");
        return body;
    }

    /// <summary>Each reference still stands between two quotes, after the one before it.</summary>
    private static bool Fit(ReadOnlySpan<byte> bytes, IReadOnlyList<FoundReference> references)
    {
        int end = 0;
        for (int i = 0; i < references.Count; i++)
        {
            var (offset, length, site, _, _) = references[i];
            if (offset <= end || length < 0 || offset + length >= bytes.Length) return false;
            end = offset + length;
            if (site != ReferenceSite.Narrative && (bytes[offset - 1] != (byte)'"' || bytes[end] != (byte)'"')) return false;
        }

        return true;
    }
}
