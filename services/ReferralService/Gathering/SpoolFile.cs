using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace ReferralService.Gathering;

/// <summary>The part of a spool that is on disk: blocks of 16 KiB, each AES-256-GCM under a key that only this process's memory has.</summary>
/// <remarks>
/// The key is this file's alone and a block is written once, so the block's number is a nonce that never repeats; it also says where the
/// block belongs, so that none can stand in for another. The place of a block that was given up is written over by a later one, under that one's
/// own number. The block being filled waits in memory. Small blocks because bodies are read one by one,
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
    private readonly List<Block> _blocks = [];
    private readonly Stack<int> _free = [];
    private int _places;
    private long _openedBlock = -1;
    private long _length;
    private bool _spoilt;

    /// <param name="Place">Which of the file's places it stands at; negative when at none.</param>
    /// <param name="Released">Bytes of it that were given up.</param>
    private readonly record struct Block(int Place, int Released);

    /// <param name="file">Empty; disposed with this.</param>
    public SpoolFile(FileStream file)
    {
        _file = file;
        Span<byte> key = stackalloc byte[32];
        RandomNumberGenerator.Fill(key);
        _cipher = new AesGcm(key, TagSize);
        CryptographicOperations.ZeroMemory(key);
    }

    /// <summary>Places in the file: what it takes on disk, in blocks.</summary>
    public int Places => _places;

    /// <summary>Once one has failed, none is taken any more: no block is ever written twice under one nonce.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_spoilt) throw new IOException("The spool file could not be written.");
        _spoilt = true;
        while (!bytes.IsEmpty)
        {
            var (block, at) = Math.DivRem(_length, BlockSize);
            var count = Math.Min(bytes.Length, BlockSize - (int)at);
            if (at == 0) _blocks.Add(new Block(-1, 0));
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

    /// <summary>Gives up bytes, each once; a block of which none is wanted any more leaves its place to another.</summary>
    public void Release(long offset, int length)
    {
        while (length > 0)
        {
            var (block, at) = ((int)(offset / BlockSize), (int)(offset % BlockSize));
            var count = Math.Min(length, BlockSize - at);
            var (place, released) = _blocks[block];
            released += count;
            if (released == BlockSize && place >= 0)
            {
                _free.Push(place);
                place = -1;
            }

            _blocks[block] = new Block(place, released);
            offset += count;
            length -= count;
        }
    }

    /// <param name="offset">From the first byte appended; offset and length within what was appended and not released.</param>
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
        var released = _blocks[(int)block].Released;
        if (released == BlockSize) return;
        Span<byte> nonce = stackalloc byte[12];
        Nonce(block, nonce);
        _cipher.Encrypt(nonce, plain, _stored.AsSpan(0, BlockSize), _stored.AsSpan(BlockSize, TagSize));
        int place = _free.TryPop(out int left) ? left : _places++;
        RandomAccess.Write(_file.SafeFileHandle, _stored.AsSpan(0, StoredSize), (long)place * StoredSize);
        _blocks[(int)block] = new Block(place, released);
    }

    private void Open(long block, Span<byte> plain)
    {
        long place = _blocks[(int)block].Place;
        if (place < 0) throw new InvalidDataException("What was released is read again.");
        var stored = _stored.AsSpan(0, StoredSize);
        for (var got = 0; got < stored.Length;)
        {
            var count = RandomAccess.Read(_file.SafeFileHandle, stored[got..], (place * StoredSize) + got);
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
