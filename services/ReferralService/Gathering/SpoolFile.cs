using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace ReferralService.Gathering;

/// <summary>The part of a spool that is on disk: blocks of 16 KiB, each AES-256-GCM under a key that only this process's memory has.</summary>
/// <remarks>
/// The key is this file's alone and a block is written once, so the block's number is a nonce that never repeats; it also says where the
/// block belongs, so that none can stand in for another. The block being filled waits in memory. Small blocks because bodies are read one by one,
/// in another order than they came in. Not safe for several threads: <see cref="Spool"/> lets in one at a time.
/// </remarks>
internal sealed class SpoolFile : IDisposable
{
    public const int BlockSize = 16 * 1024;

    private const int TagSize = 16;
    private const int StoredSize = BlockSize + TagSize;

    private readonly FileStream _file;
    private readonly AesGcm _cipher;
    private readonly byte[] _stored = ArrayPool<byte>.Shared.Rent(StoredSize);
    private readonly byte[] _filling = ArrayPool<byte>.Shared.Rent(BlockSize);
    private readonly byte[] _opened = ArrayPool<byte>.Shared.Rent(BlockSize);
    private long _openedBlock = -1;
    private long _length;
    private bool _spoilt;

    /// <param name="file">Empty; disposed with this.</param>
    public SpoolFile(FileStream file)
    {
        _file = file;
        Span<byte> key = stackalloc byte[32];
        RandomNumberGenerator.Fill(key);
        _cipher = new AesGcm(key, TagSize);
        CryptographicOperations.ZeroMemory(key);
    }

    /// <summary>Once one has failed, none is taken any more: no block is ever written twice under one nonce.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_spoilt) throw new IOException("The spool file could not be written.");
        _spoilt = true;
        while (!bytes.IsEmpty)
        {
            var (block, at) = Math.DivRem(_length, BlockSize);
            var count = Math.Min(bytes.Length, BlockSize - (int)at);
            if (count == BlockSize)
            {
                Write(block, bytes[..count]);
            }
            else
            {
                bytes[..count].CopyTo(_filling.AsSpan((int)at));
                if (at + count == BlockSize) Write(block, _filling.AsSpan(0, BlockSize));
            }

            _length += count;
            bytes = bytes[count..];
        }

        _spoilt = false;
    }

    /// <param name="offset">From the first byte appended; offset and length within what was appended.</param>
    /// <exception cref="AuthenticationTagMismatchException">The file is not as it was written.</exception>
    public void Read(Span<byte> target, long offset)
    {
        while (!target.IsEmpty)
        {
            var (block, at) = Math.DivRem(offset, BlockSize);
            var count = Math.Min(target.Length, BlockSize - (int)at);
            if (block == _length / BlockSize) _filling.AsSpan((int)at, count).CopyTo(target);
            else if (count == BlockSize) Open(block, target[..count]);
            else Opened(block).Slice((int)at, count).CopyTo(target);
            target = target[count..];
            offset += count;
        }
    }

    public void Dispose()
    {
        _cipher.Dispose();
        foreach (var buffer in new[] { _stored, _filling, _opened }) ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        _file.Dispose();
    }

    private ReadOnlySpan<byte> Opened(long block)
    {
        var opened = _opened.AsSpan(0, BlockSize);
        if (_openedBlock != block)
        {
            _openedBlock = -1;
            Open(block, opened);
            _openedBlock = block;
        }

        return opened;
    }

    private void Write(long block, ReadOnlySpan<byte> plain)
    {
        Span<byte> nonce = stackalloc byte[12];
        Nonce(block, nonce);
        _cipher.Encrypt(nonce, plain, _stored.AsSpan(0, BlockSize), _stored.AsSpan(BlockSize, TagSize));
        RandomAccess.Write(_file.SafeFileHandle, _stored.AsSpan(0, StoredSize), block * StoredSize);
    }

    private void Open(long block, Span<byte> plain)
    {
        var stored = _stored.AsSpan(0, StoredSize);
        for (var got = 0; got < stored.Length;)
        {
            var count = RandomAccess.Read(_file.SafeFileHandle, stored[got..], (block * StoredSize) + got);
            if (count == 0) throw new EndOfStreamException("The spool file is shorter than what was written to it.");
            got += count;
        }

        Span<byte> nonce = stackalloc byte[12];
        Nonce(block, nonce);
        _cipher.Decrypt(nonce, stored[..BlockSize], stored[BlockSize..], plain);
    }

    private static void Nonce(long block, Span<byte> nonce)
    {
        nonce.Clear();
        BinaryPrimitives.WriteInt64BigEndian(nonce[4..], block);
    }
}
