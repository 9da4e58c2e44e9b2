using System.Buffers;

namespace ReferralService.Ledger;

/// <summary>A chunk that is not stored yet.</summary>
/// <param name="At">Where its bytes stand, packed or plain, not sealed.</param>
internal readonly record struct WaitingChunk(int N, int At, int Length, bool IsPacked, bool IsLast);

/// <summary>Chunks of one part, up to 256 KiB of them as they will be stored: a package that is no longer than that becomes durable in one transaction.</summary>
internal sealed class WaitingChunks(bool compress) : IDisposable
{
    private readonly byte[] _bytes = ArrayPool<byte>.Shared.Rent(PackageVault.ChunkBytes);
    private readonly List<WaitingChunk> _chunks = [];
    private int _filled;

    public IReadOnlyList<WaitingChunk> Chunks => _chunks;

    public ReadOnlySpan<byte> TextOf(WaitingChunk chunk) => _bytes.AsSpan(chunk.At, chunk.Length);

    /// <returns>False: there is no room beside those that wait. Alone, every chunk has room.</returns>
    public bool TryAdd(ReadOnlySpan<byte> text, int n, bool last)
    {
        int overhead = PackedChunk.Mark.Length + ChunkCipher.Overhead;
        var room = _filled + overhead < PackageVault.ChunkBytes ? _bytes.AsSpan(_filled, PackageVault.ChunkBytes - _filled - overhead) : [];
        int length = compress ? PackedChunk.Pack(text, room) : 0;
        bool packed = length > 0;
        if (!packed)
        {
            if (_chunks.Count > 0 && text.Length > room.Length)
            {
                return false;
            }

            text.CopyTo(_bytes.AsSpan(_filled));
            length = text.Length;
        }

        _chunks.Add(new WaitingChunk(n, _filled, length, packed, last));
        _filled += length + overhead;
        return true;
    }

    public void Clear()
    {
        _chunks.Clear();
        _filled = 0;
    }

    /// <summary>The next to rent the bytes is another patient's package.</summary>
    public void Dispose() => ArrayPool<byte>.Shared.Return(_bytes, clearArray: true);
}
