using System.Buffers;
using System.Security.Cryptography;
using ReferralService.Fhir.Json;
using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering;

/// <summary>A body whose long runs stand elsewhere in the spool than the rest of it.</summary>
internal static class SpooledBody
{
    /// <summary>SHA-256 of the whole body as it was received, read back in pieces.</summary>
    public static BodyDigest Sha256(RawResource resource, Spool spool)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        if (resource.Cuts.Count == 0)
        {
            SHA256.HashData(resource.Utf8.Span, digest);
            return BodyDigest.Of(digest);
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        byte[] rented = buffer;
        int at = 0;
        foreach (var cut in resource.Cuts)
        {
            hash.AppendData(resource.Utf8.Span[at..cut.At]);
            hash.AppendData(spool.Read(cut.Kept, cut.Length, ref buffer).Span);
            at = cut.At;
        }

        ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        hash.AppendData(resource.Utf8.Span[at..]);
        hash.GetHashAndReset(digest);
        return BodyDigest.Of(digest);
    }

    /// <summary>Where a place in what was left stands in the whole.</summary>
    public static FoundReference InWhole(FoundReference found, IReadOnlyList<BodyCut> cuts)
    {
        int before = 0, within = 0;
        foreach (var cut in cuts)
        {
            if (cut.At <= found.Offset) before += cut.Length;
            else if (cut.At <= found.Offset + found.Length) within += cut.Length;
        }

        return found with { Offset = found.Offset + before, Length = found.Length + within };
    }

    /// <summary>The whole body; good until the next call with the same buffer.</summary>
    public static ReadOnlyMemory<byte> Read(Spool spool, GatheredResource resource, ref byte[] buffer)
    {
        if (resource.Cuts.Count == 0) return spool.Read(resource.SpoolOffset, resource.Length, ref buffer);
        if (buffer.Length < resource.Length) buffer = new byte[resource.Length];
        byte[] piece = [];
        var pieces = new SpooledPieces(spool, resource);
        int written = 0;
        while (pieces.Next(ref piece) is { IsEmpty: false } next)
        {
            next.Span.CopyTo(buffer.AsSpan(written));
            written += next.Length;
        }

        return buffer.AsMemory(0, written);
    }

    /// <summary>The body without its long runs: the JSON of everything in it that is not a large file; good until the next call with the same buffer.</summary>
    public static ReadOnlyMemory<byte> ReadThin(Spool spool, GatheredResource resource, ref byte[] buffer)
        => spool.Read(resource.SpoolOffset, ThinLength(resource), ref buffer);

    /// <summary>The same as a resource with its tokens, under the key it is kept by.</summary>
    public static RawResource ReadKnown(Spool spool, GatheredResource resource, ref byte[] buffer, JsonTokens tokens)
        => RawResource.Known(ReadThin(spool, resource, ref buffer), resource.Key, resource.VersionId, resource.LastUpdated, tokens);

    /// <summary>Bytes of it that stand together.</summary>
    public static int ThinLength(GatheredResource resource)
    {
        int length = resource.Length;
        for (int i = 0; i < resource.Cuts.Count; i++) length -= resource.Cuts[i].Length;
        return length;
    }
}
