using System.Buffers;
using System.IO.Pipelines;
using ReferralService.Fhir.References;
using ReferralService.Gathering;

namespace ReferralService.Packaging;

/// <summary>Reads bodies back one at a time, a large one in pieces, and makes sure that they are still what was gathered.</summary>
/// <param name="room">For bodies that the spool cannot show where they stand, of <see cref="SpooledPieces.Most"/> bytes; null: made when it is needed.</param>
internal sealed class CarriedBodies(GatheredRecord record, byte[]? room = null)
{
    private byte[] _buffer = room ?? [];

    /// <summary>Too large to be held in one piece: to be written by <see cref="WriteAsync"/>.</summary>
    public static bool IsLarge(GatheredResource resource) => resource.Length > SpooledPieces.Most;

    /// <summary>Good until the next call.</summary>
    /// <exception cref="InvalidDataException">The spool holds something else than was put in: gathering must be done again.</exception>
    public ReadOnlyMemory<byte> Read(GatheredResource resource)
    {
        var body = record.Body(resource, ref _buffer);
        if (body.Length != resource.Length) throw BodyCheck.Broken();
        var check = new BodyCheck(resource);
        check.See(body.Span);
        check.Finish();
        return body;
    }

    /// <summary>To be understood, not to be carried: long runs of base64 are left out. Good until the next call.</summary>
    /// <exception cref="InvalidDataException">As <see cref="Read"/>.</exception>
    public ReadOnlyMemory<byte> ReadThin(GatheredResource resource)
    {
        var body = record.ThinBody(resource, ref _buffer);
        return body.Span is [(byte)'{', .., (byte)'}'] ? body : throw BodyCheck.Broken();
    }

    /// <summary>Copies a body piece by piece, replacing the text of references; flushes on the way.</summary>
    /// <param name="replacement">Null: every byte as it is.</param>
    /// <exception cref="InvalidDataException">As <see cref="Read"/>; part of it may have been written by then.</exception>
    public async ValueTask WriteAsync(GatheredResource resource, IReferenceReplacement? replacement, PipeWriter output, CancellationToken cancellationToken)
    {
        var references = resource.References;
        var pieces = record.Pieces(resource);
        var check = new BodyCheck(resource);
        int at = 0, copied = 0, next = 0;
        while (pieces.Next(ref _buffer) is { IsEmpty: false } piece)
        {
            check.See(piece.Span);
            int end = at + piece.Length;
            for (; replacement is not null && next < references.Count && references[next].Offset < end; next++)
            {
                var found = references[next];
                if (!replacement.Replaces(in found)) continue;
                output.Write(piece.Span[(copied - at)..(found.Offset - at)]);
                replacement.Write(in found, Written(piece.Span, found, at), output);
                copied = found.Offset + found.Length;
            }

            if (copied < end)
            {
                output.Write(piece.Span[(copied - at)..]);
                copied = end;
            }

            at = end;
            await output.FlushAsync(cancellationToken);
        }

        check.Finish();
    }

    /// <summary>Of a text that goes on in the next piece nothing: then it is written from what was understood of it.</summary>
    private static ReadOnlySpan<byte> Written(ReadOnlySpan<byte> piece, FoundReference found, int at)
        => found.Offset - at + found.Length <= piece.Length ? piece.Slice(found.Offset - at, found.Length) : "\\"u8;
}
