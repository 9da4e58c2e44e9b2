using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace ReferralService.Delivery;

/// <summary>A package as a request body: streamed from the vault, each byte counted and hashed as it leaves; its length is known unless it travels compressed.</summary>
/// <remarks>
/// The last byte is held back until the digest of all of them is right: a package that was damaged at rest can never arrive whole. Compressed (<c>Content-Encoding: gzip</c>,
/// RFC 9110 8.4.1.3), neither that byte nor gzip's own ending leaves before.
/// </remarks>
internal sealed class PackageContent : HttpContent
{
    private readonly SendablePackage _package;

    private readonly Func<bool> _inTime;

    private readonly bool _compressed;

    /// <param name="inTime">Asked before the last byte: whether the attempt may still end. A process that was frozen past its time completes nothing when it wakes.</param>
    public PackageContent(SendablePackage package, Func<bool> inTime, bool compressed)
    {
        (_package, _inTime, _compressed) = (package, inTime, compressed);
        Headers.ContentType = new MediaTypeHeaderValue("application/fhir+json");
        if (compressed) Headers.ContentEncoding.Add("gzip");
        else Headers.ContentLength = package.Bytes;
    }

    /// <summary>The first byte has been handed to the connection: from here on the recipient may have seen something.</summary>
    public bool Started { get; private set; }

    /// <summary>What went wrong on our side of the body (the vault, or <see cref="DamagedPackageException"/>); the recipient then never got all of it.</summary>
    public Exception? SourceFault { get; private set; }

    protected override bool TryComputeLength(out long length)
    {
        length = _package.Bytes;
        return !_compressed;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var connection = new Departure(stream, this);
        try
        {
            if (_compressed)
            {
                await using var gzip = new GZipStream(connection, CompressionLevel.Fastest, leaveOpen: true);
                await CopyAsync(gzip, connection, cancellationToken);
            }
            else
            {
                await CopyAsync(connection, connection, cancellationToken);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException && !connection.Failed)
        {
            SourceFault = e;
            throw;
        }
    }

    private async Task CopyAsync(Stream way, Departure connection, CancellationToken cancellationToken)
    {
        using var body = new CheckedBody(way, this);
        try
        {
            await _package.CopyToAsync(body, cancellationToken);
            await body.CompleteAsync(cancellationToken);
        }
        catch
        {
            // What is compressed ends by itself when it is given up; that ending does not leave.
            connection.GiveUp();
            throw;
        }
    }

    /// <summary>The connection: what has left has left.</summary>
    private sealed class Departure(Stream connection, PackageContent content) : WrittenStream
    {
        private bool _givenUp;

        /// <summary>The other side's fault, not the vault's.</summary>
        public bool Failed { get; private set; }

        public void GiveUp() => _givenUp = true;

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_givenUp || buffer.IsEmpty)
            {
                return;
            }

            content.Started = true;
            try
            {
                await connection.WriteAsync(buffer, cancellationToken);
            }
            catch
            {
                Failed = true;
                throw;
            }
        }
    }

    private sealed class CheckedBody(Stream way, PackageContent content) : WrittenStream
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private readonly byte[] _heldBack = new byte[1];
        private long _seen;

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (buffer.IsEmpty)
            {
                return;
            }

            _hash.AppendData(buffer.Span);
            if (_seen > 0)
            {
                await way.WriteAsync(_heldBack, cancellationToken);
            }

            _seen += buffer.Length;
            _heldBack[0] = buffer.Span[^1];
            if (buffer.Length > 1)
            {
                await way.WriteAsync(buffer[..^1], cancellationToken);
            }

            if (_seen * 2 > content._package.Bytes)
            {
                // Half or more of it has left, and the last byte never yet.
                FaultPoint.Hit("K10", content._package.PackageId.ToString());
            }
        }

        public async Task CompleteAsync(CancellationToken cancellationToken)
        {
            if (_seen != content._package.Bytes || $"sha-256:{Convert.ToHexStringLower(_hash.GetHashAndReset())}" != content._package.Digest)
            {
                throw new DamagedPackageException();
            }

            if (!content._inTime())
            {
                throw new AttemptOverException();
            }

            await way.WriteAsync(_heldBack, cancellationToken);
        }

        protected override void Dispose(bool disposing)
        {
            _hash.Dispose();
            base.Dispose(disposing);
        }
    }

    /// <summary>What is only written, and only asynchronously.</summary>
    private abstract class WrittenStream : Stream
    {
        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public abstract override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default);

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
            => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Flush()
        {
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("The body is written asynchronously.");
    }
}

/// <summary>The bytes in the vault are not those that were packaged (digest or length).</summary>
internal sealed class DamagedPackageException() : Exception("vault-damaged");

/// <summary>The time of the attempt was over before the package's last byte left: whoever has the referral now may be sending it.</summary>
internal sealed class AttemptOverException() : Exception("attempt-over");
