using System.Buffers;
using System.Security.Cryptography;

namespace ReferralService.Benchmarks.Walk;

/// <summary>Keeps a package as the vault must: encrypted by chunks, and on the disk before it goes on. A plain file: no database could do less.</summary>
internal sealed class Keeper(string file) : IDisposable
{
    private const int ChunkBytes = 256 << 10;

    private readonly AesGcm _key = new(RandomNumberGenerator.GetBytes(32), 16);
    private readonly FileStream _disk = new(file, FileMode.Create, FileAccess.Write, FileShare.None, 0, FileOptions.DeleteOnClose);

    public void Keep(byte[] package)
    {
        Span<byte> nonce = stackalloc byte[12], tag = stackalloc byte[16];
        var closed = ArrayPool<byte>.Shared.Rent(package.Length);
        for (int at = 0; at < package.Length; at += ChunkBytes)
        {
            int length = Math.Min(ChunkBytes, package.Length - at);
            RandomNumberGenerator.Fill(nonce);
            _key.Encrypt(nonce, package.AsSpan(at, length), closed.AsSpan(at, length), tag);
        }

        _disk.Write(closed, 0, package.Length);
        _disk.Flush(flushToDisk: true);
        ArrayPool<byte>.Shared.Return(closed);
    }

    public void Dispose()
    {
        _key.Dispose();
        _disk.Dispose();
    }
}
