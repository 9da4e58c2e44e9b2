using System.Buffers;
using System.IO.Pipelines;
using ReferralService.Fhir.References;
using ReferralService.Gathering;

namespace ReferralService.Packaging;

/// <summary>Reads bodies back one at a time, a large one in pieces, and makes sure that they are still what was gathered.</summary>
internal sealed class CarriedBodies(GatheredRecord record)
{
    private byte[] _buffer = [];

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
    /// <param name="replace">As in <see cref="ReferenceRewriter.Write"/>; null: every byte as it is.</param>
    /// <exception cref="InvalidDataException">As <see cref="Read"/>; part of it may have been written by then.</exception>
    public async ValueTask WriteAsync(GatheredResource resource, Func<FoundReference, string?>? replace, PipeWriter output, CancellationToken cancellationToken)
    {
        var references = resource.References;
        var pieces = record.Pieces(resource);
        var check = new BodyCheck(resource);
        int at = 0, copied = 0, next = 0;
        while (pieces.Next(ref _buffer) is { IsEmpty: false } piece)
        {
            check.See(piece.Span);
            int end = at + piece.Length;
            for (; replace is not null && next < references.Count && references[next].Offset < end; next++)
            {
                if (replace(references[next]) is not { } text) continue;
                output.Write(piece.Span[(copied - at)..(references[next].Offset - at)]);
                ReferenceRewriter.WriteText(references[next].Site, text, output);
                copied = references[next].Offset + references[next].Length;
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
}
