using System.Buffers;

namespace ReferralService.Packaging;

/// <summary>Bytes as they are written, in one array that is rented and grows by doubling.</summary>
internal sealed class PooledBytes(int first = 16 * 1024) : IBufferWriter<byte>, IDisposable
{
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(first);

    public int Length { get; private set; }

    /// <summary>The whole array, for whoever wants nothing but that; good until the next write.</summary>
    public byte[] Room => _bytes;

    /// <summary>Good until the next write.</summary>
    public ReadOnlySpan<byte> Span => _bytes.AsSpan(0, Length);

    /// <summary>Good until the next write.</summary>
    public ReadOnlyMemory<byte> Memory => _bytes.AsMemory(0, Length);

    public void Advance(int count) => Length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        MakeRoom(Math.Max(sizeHint, 1));
        return _bytes.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        MakeRoom(Math.Max(sizeHint, 1));
        return _bytes.AsSpan(Length);
    }

    /// <summary>Forgets what was written after the first so many bytes.</summary>
    public void CutTo(int length) => Length = length;

    /// <summary>The next to rent them is another patient's package.</summary>
    public void Dispose()
    {
        if (_bytes.Length > 0) ArrayPool<byte>.Shared.Return(_bytes, clearArray: true);
        _bytes = [];
        Length = 0;
    }

    private void MakeRoom(int more)
    {
        if (_bytes.Length - Length >= more) return;
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(_bytes.Length * 2, checked(Length + more)));
        _bytes.AsSpan(0, Length).CopyTo(larger);
        if (_bytes.Length > 0) ArrayPool<byte>.Shared.Return(_bytes, clearArray: true);
        _bytes = larger;
    }
}
