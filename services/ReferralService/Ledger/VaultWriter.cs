using System.Buffers;
using System.Security.Cryptography;

namespace ReferralService.Ledger;

/// <summary>A stream into the vault: hashes what passes, cuts it into chunks. Not complete until <see cref="CompleteAsync"/>; disposing before that leaves an orphan that is purged.</summary>
internal abstract class VaultWriter : Stream
{
    public abstract Task<VaultReceipt> CompleteAsync(CancellationToken cancellationToken);
}

/// <inheritdoc/>
/// <param name="cipher">Seals each chunk before it is written; null: in clear. Disposed with this.</param>
/// <param name="compress">Makes chunks smaller where that saves something.</param>
/// <param name="writeChunk">Makes one chunk durable: its number from 0 and its bytes, valid only during the call.</param>
/// <param name="complete">Makes the part whole and visible.</param>
internal sealed class ChunkingVaultWriter(
    ChunkCipher? cipher, bool compress, Func<int, ArraySegment<byte>, CancellationToken, Task> writeChunk, Func<VaultReceipt, CancellationToken, Task> complete) : VaultWriter
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private byte[]? _buffer = ArrayPool<byte>.Shared.Rent(PackageVault.ChunkBytes);
    private byte[]? _packed = compress ? ArrayPool<byte>.Shared.Rent(PackageVault.ChunkBytes) : null;
    private readonly int _head = cipher is null ? 0 : ChunkCipher.NonceBytes;
    private readonly int _room = PackageVault.ChunkBytes - (cipher is null ? 0 : ChunkCipher.Overhead);
    private int _filled;
    private int _chunks;
    private long _bytes;

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => _buffer is not null;
    public override long Length => _bytes;
    public override long Position { get => _bytes; set => throw new NotSupportedException(); }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_buffer is null, this);
        while (!buffer.IsEmpty)
        {
            if (_filled == _room)
            {
                // Only now is it known that it is not the last.
                await WriteChunkAsync(last: false, cancellationToken);
            }

            var fits = Math.Min(buffer.Length, _room - _filled);
            buffer.Span[..fits].CopyTo(_buffer.AsSpan(_head + _filled));
            _filled += fits;
            _bytes += fits;
            buffer = buffer[fits..];
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async Task<VaultReceipt> CompleteAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_buffer is null, this);
        if (_filled > 0)
        {
            await WriteChunkAsync(last: true, cancellationToken);
        }

        var receipt = new VaultReceipt($"sha-256:{Convert.ToHexStringLower(_hash.GetHashAndReset())}", _bytes, _chunks);
        await complete(receipt, cancellationToken);
        Dispose();
        return receipt;
    }

    /// <summary>Chunks are written when they are full; there is nothing to hurry.</summary>
    public override void Flush() { }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("vault-writes-are-asynchronous");

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (_buffer is { } buffer)
        {
            _buffer = null;
            _hash.Dispose();
            cipher?.Dispose();
            // The next to rent it is another patient's package.
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
            if (_packed is not null)
            {
                ArrayPool<byte>.Shared.Return(_packed, clearArray: true);
                _packed = null;
            }
        }

        base.Dispose(disposing);
    }

    private async Task WriteChunkAsync(bool last, CancellationToken cancellationToken)
    {
        _hash.AppendData(_buffer!, _head, _filled);
        await writeChunk(_chunks, Packed(last) ?? Plain(last), cancellationToken);
        Measures.Stored("in", _filled);
        // Between two chunks, or after the last one and before the part is completed.
        FaultPoint.Hit("K08");
        _chunks++;
        _filled = 0;
    }

    private ArraySegment<byte> Plain(bool last)
    {
        var chunk = new ArraySegment<byte>(_buffer!, 0, cipher is null ? _filled : _filled + ChunkCipher.Overhead);
        cipher?.Seal(chunk, _chunks, last);
        return chunk;
    }

    /// <summary>Null where it is not asked for, or does not pay.</summary>
    private ArraySegment<byte>? Packed(bool last)
    {
        if (_packed is null)
        {
            return null;
        }

        var room = _packed.AsSpan(PackedChunk.Mark.Length + _head);
        var length = PackedChunk.Pack(_buffer.AsSpan(_head, _filled), cipher is null ? room : room[..^ChunkCipher.TagBytes]);
        if (length == 0)
        {
            return null;
        }

        PackedChunk.Mark.CopyTo(_packed);
        var chunk = new ArraySegment<byte>(_packed, 0, PackedChunk.Mark.Length + length + (cipher is null ? 0 : ChunkCipher.Overhead));
        cipher?.Seal(chunk.AsSpan(PackedChunk.Mark.Length), _chunks, last, PackedChunk.Format);
        return chunk;
    }
}
