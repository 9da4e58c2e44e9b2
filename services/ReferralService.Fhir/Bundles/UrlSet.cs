using System.Buffers;

namespace ReferralService.Fhir.Bundles;

/// <summary>Which fullUrls there were, by two seeded hashes of 32 bits, so that the URLs themselves need not be kept; of 100,000 two are alike by chance once in four thousand million packages.</summary>
internal sealed class UrlSet : IDisposable
{
    private ulong[] _slots = ArrayPool<ulong>.Shared.Rent(1024);
    private int _mask = 1023;
    private int _count;

    public UrlSet() => Array.Clear(_slots);

    /// <returns>False: it was there.</returns>
    public bool Add(ReadOnlySpan<byte> url)
    {
        if (_count * 2 > _mask) Grow();
        ulong fingerprint = Fingerprint(url);
        ref ulong slot = ref Find(fingerprint, out bool known);
        if (known) return false;
        slot = fingerprint;
        _count++;
        return true;
    }

    public void Dispose()
    {
        if (_slots.Length > 0) ArrayPool<ulong>.Shared.Return(_slots);
        _slots = [];
    }

    /// <summary>Never 0, which is an empty slot.</summary>
    private static ulong Fingerprint(ReadOnlySpan<byte> url)
    {
        HashCode one = default, other = default;
        one.AddBytes(url);
        other.Add(url.Length);
        other.AddBytes(url);
        return (((ulong)(uint)one.ToHashCode() << 32) | (uint)other.ToHashCode()) is var both and not 0 ? both : 1;
    }

    private ref ulong Find(ulong url, out bool known)
    {
        for (int at = (int)url & _mask; ; at = (at + 1) & _mask)
        {
            ref ulong slot = ref _slots[at];
            known = slot == url;
            if (known || slot == 0) return ref slot;
        }
    }

    private void Grow()
    {
        var (old, count) = (_slots, _mask + 1);
        _slots = ArrayPool<ulong>.Shared.Rent(count * 2);
        Array.Clear(_slots);
        _mask = (count * 2) - 1;
        for (int i = 0; i < count; i++)
        {
            if (old[i] != 0) Find(old[i], out _) = old[i];
        }

        ArrayPool<ulong>.Shared.Return(old);
    }
}
