using System.Buffers;
using System.Security.Cryptography;

namespace ReferralService.Ledger;

/// <summary>A stream into the vault: hashes what passes, cuts it into chunks. Not complete until <see cref="CompleteAsync"/>; disposing before that leaves at most an orphan that is purged.</summary>
internal abstract class VaultWriter : Stream
{
    public abstract Task<VaultReceipt> CompleteAsync(CancellationToken cancellationToken);
}

/// <inheritdoc/>
/// <param name="chunkText">Plain bytes of every chunk but the last.</param>
/// <param name="compress">Makes chunks smaller where that saves something.</param>
/// <param name="store">Makes the chunks durable, and with a receipt the part whole and visible, all at once.</param>
internal sealed class ChunkingVaultWriter(int chunkText, bool compress, Func<WaitingChunks, VaultReceipt?, CancellationToken, Task> store) : VaultWriter
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly WaitingChunks _waiting = new(compress);
    private byte[]? _buffer = ArrayPool<byte>.Shared.Rent(PackageVault.ChunkBytes);
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
            if (_filled == chunkText)
            {
                // Only now is it known that it is not the last.
                await AddChunkAsync(last: false, cancellationToken);
            }

            var fits = Math.Min(buffer.Length, chunkText - _filled);
            buffer.Span[..fits].CopyTo(_buffer.AsSpan(_filled));
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
            await AddChunkAsync(last: true, cancellationToken);
        }

        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        _hash.GetHashAndReset(digest);
        var receipt = new VaultReceipt($"sha-256:{Convert.ToHexStringLower(digest)}", _bytes, _chunks);
        await store(_waiting, receipt, cancellationToken);
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
            _waiting.Dispose();
            // The next to rent it is another patient's package.
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }

        base.Dispose(disposing);
    }

    private async Task AddChunkAsync(bool last, CancellationToken cancellationToken)
    {
        _hash.AppendData(_buffer!, 0, _filled);
        if (!_waiting.TryAdd(_buffer.AsSpan(0, _filled), _chunks, last))
        {
            await store(_waiting, null, cancellationToken);
            _waiting.Clear();
            _waiting.TryAdd(_buffer.AsSpan(0, _filled), _chunks, last);
        }

        Measures.Stored("in", _filled);
        // Between two chunks, or after the last one and before the part is completed.
        FaultPoint.Hit("K08");
        _chunks++;
        _filled = 0;
    }
}
