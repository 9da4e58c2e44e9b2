namespace ReferralService.Fhir.Client;

/// <summary>The connection's write side, in blocks: one write of 200 MB would otherwise look like 200 MB of silence.</summary>
internal sealed class WatchedUpload(Stream connection, IdleWatch watch) : Stream
{
    private const int Block = 64 * 1024;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (buffer.Length > 0)
        {
            var block = buffer[..Math.Min(Block, buffer.Length)];
            watch.Restart();
            await connection.WriteAsync(block, cancellationToken);
            buffer = buffer[block.Length..];
        }

        watch.Restart();
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        await connection.FlushAsync(cancellationToken);
        watch.Restart();
    }

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Request bodies are written asynchronously.");

    public override void Flush() => throw new NotSupportedException("Request bodies are written asynchronously.");

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
