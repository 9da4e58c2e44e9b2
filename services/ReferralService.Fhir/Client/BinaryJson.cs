using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace ReferralService.Fhir.Client;

/// <summary>A file as a Binary resource in JSON, made while the file streams by: what stands before its base64, the base64, what stands after. Digests and counts the file's own bytes.</summary>
/// <param name="before">From the resource's opening brace to the quote that opens <c>data</c>.</param>
internal sealed class BinaryJson(Stream file, ReadOnlyMemory<byte> before) : AnswerReading
{
    private const int Block = 48 * 1024;

    private static ReadOnlySpan<byte> After => "\"}"u8;

    private readonly byte[] _raw = ArrayPool<byte>.Shared.Rent(Block);
    private readonly byte[] _text = ArrayPool<byte>.Shared.Rent(Base64.GetMaxEncodedToUtf8Length(Block) + 8);
    private readonly IncrementalHash _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    // R4 Attachment.hash is SHA-1; it is no protection here, only what the sender says of its own file.
    private readonly IncrementalHash _sha1 = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
    private ReadOnlyMemory<byte> _ready = before;
    private int _left;
    private long _fileLength;
    private bool _ended;

    /// <summary>Of the whole file; good once, at its end.</summary>
    public FileDigest Digest() => new(_fileLength, _sha1.GetHashAndReset(), _sha256.GetHashAndReset());

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_ready.IsEmpty)
        {
            if (_ended) return 0;
            await FillAsync(cancellationToken);
        }

        int count = Math.Min(_ready.Length, buffer.Length);
        _ready[..count].CopyTo(buffer);
        _ready = _ready[count..];
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            ArrayPool<byte>.Shared.Return(_raw, clearArray: true);
            ArrayPool<byte>.Shared.Return(_text, clearArray: true);
            _sha1.Dispose();
            _sha256.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>Three bytes are four characters: what is left of three waits for those that follow.</summary>
    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        int read = await file.ReadAsync(_raw.AsMemory(_left, Block - _left), cancellationToken);
        _sha1.AppendData(_raw, _left, read);
        _sha256.AppendData(_raw, _left, read);
        _fileLength += read;
        _ended = read == 0;
        int have = _left + read, now = _ended ? have : have - (have % 3);
        Base64.EncodeToUtf8(_raw.AsSpan(0, now), _text, out _, out int written, isFinalBlock: true);
        _raw.AsSpan(now, have - now).CopyTo(_raw);
        _left = have - now;
        if (_ended) After.CopyTo(_text.AsSpan(written));
        _ready = _text.AsMemory(0, _ended ? written + After.Length : written);
    }
}

/// <summary>What a file's bytes were, as they came.</summary>
/// <param name="Length">In bytes, not in base64.</param>
public sealed record FileDigest(long Length, ReadOnlyMemory<byte> Sha1, ReadOnlyMemory<byte> Sha256);
