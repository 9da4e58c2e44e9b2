namespace ReferralService.Tests.Support;

/// <summary>A stream that gives its bytes in pieces of at most one size, then ends, or waits until the reader is cancelled.</summary>
internal sealed class PiecewiseStream(byte[] bytes, int piece, bool thenWaits = false) : Stream
{
    private int _at;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => _at; set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count = Math.Min(Math.Min(piece, buffer.Length), bytes.Length - _at);
        if (count == 0 && thenWaits) await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        bytes.AsMemory(_at, count).CopyTo(buffer);
        _at += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
