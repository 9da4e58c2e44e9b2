using ReferralService.Contracts;
using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering;

/// <summary>What one exchange puts into the spool. What the record does not keep of it counts towards no limit and leaves its room to others.</summary>
/// <param name="limit">Of all that stands in the spool, this exchange's and everybody's.</param>
internal sealed class SpoolDraft(Spool spool, long limit) : IDisposable
{
    private readonly Dictionary<long, int> _unclaimed = [];

    /// <summary>Puts bytes into the spool, a long run of a body still being read among them; returns their offset.</summary>
    /// <exception cref="RecordLimitException">The bytes of this record are used up.</exception>
    public long Append(ReadOnlySpan<byte> bytes)
    {
        if (spool.Live + bytes.Length > limit) throw new RecordLimitException(ReasonCodes.TooLarge);
        long offset = spool.Append(bytes);
        if (bytes.Length > 0) _unclaimed.Add(offset, bytes.Length);
        return offset;
    }

    /// <summary>The resource's bytes stay, whatever becomes of the rest.</summary>
    public void Keep(GatheredResource resource)
    {
        _unclaimed.Remove(resource.SpoolOffset);
        foreach (var cut in resource.Cuts) _unclaimed.Remove(cut.Kept);
    }

    /// <summary>The files of a resource that is not wanted.</summary>
    public void Drop(IReadOnlyList<BodyCut> cuts)
    {
        foreach (var cut in cuts)
        {
            if (_unclaimed.Remove(cut.Kept)) spool.Release(cut.Kept, cut.Length);
        }
    }

    public void Dispose()
    {
        foreach (var (offset, length) in _unclaimed) spool.Release(offset, length);
        _unclaimed.Clear();
    }
}
