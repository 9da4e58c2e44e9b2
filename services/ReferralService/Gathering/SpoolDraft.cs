using System.Buffers;
using ReferralService.Contracts;
using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering;

/// <summary>What one exchange puts into the spool. What the record does not keep of it counts towards no limit and leaves its room to others.</summary>
/// <param name="limit">Of all that stands in the spool, this exchange's and everybody's.</param>
internal sealed class SpoolDraft(Spool spool, long limit) : IDisposable
{
    /// <summary>What was put in, as it stands in the spool; what was kept or given up since has no length any more.</summary>
    private (long Offset, int Length)[] _pieces = [];
    private int _count;

    /// <summary>Puts bytes into the spool, a long run of a body still being read among them; returns their offset.</summary>
    /// <exception cref="RecordLimitException">The bytes of this record are used up.</exception>
    public long Append(ReadOnlySpan<byte> bytes)
    {
        if (spool.Live + bytes.Length > limit) throw new RecordLimitException(ReasonCodes.TooLarge);
        long offset = spool.Append(bytes);
        if (bytes.IsEmpty) return offset;
        if (_count == _pieces.Length) Grow();
        _pieces[_count++] = (offset, bytes.Length);
        return offset;
    }

    /// <summary>The resource's bytes stay, whatever becomes of the rest.</summary>
    public void Keep(GatheredResource resource)
    {
        Claim(resource.SpoolOffset);
        for (int i = 0; i < resource.Cuts.Count; i++) Claim(resource.Cuts[i].Kept);
    }

    /// <summary>The files of a resource that is not wanted.</summary>
    public void Drop(IReadOnlyList<BodyCut> cuts)
    {
        for (int i = 0; i < cuts.Count; i++)
        {
            if (Claim(cuts[i].Kept) > 0) spool.Release(cuts[i].Kept, cuts[i].Length);
        }
    }

    public void Dispose()
    {
        foreach (var (offset, length) in _pieces.AsSpan(0, _count))
        {
            if (length > 0) spool.Release(offset, length);
        }

        if (_pieces.Length > 0) ArrayPool<(long, int)>.Shared.Return(_pieces);
        (_pieces, _count) = ([], 0);
    }

    private void Grow()
    {
        var more = ArrayPool<(long, int)>.Shared.Rent(Math.Max(64, _count * 2));
        _pieces.AsSpan(0, _count).CopyTo(more);
        if (_pieces.Length > 0) ArrayPool<(long, int)>.Shared.Return(_pieces);
        _pieces = more;
    }

    /// <summary>The length of a piece, which from now on is somebody else's; 0 when there is none, or it was claimed before.</summary>
    private int Claim(long offset)
    {
        // A spool only grows, so the pieces stand in its order.
        int low = 0, high = _count - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            var (at, length) = _pieces[middle];
            if (at == offset)
            {
                _pieces[middle] = (at, 0);
                return length;
            }

            if (at < offset) low = middle + 1;
            else high = middle - 1;
        }

        return 0;
    }
}
