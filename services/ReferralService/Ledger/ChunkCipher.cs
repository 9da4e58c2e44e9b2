using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ReferralService.Ledger;

/// <summary>Seals and opens the chunks of one part with AES-256-GCM, in place.</summary>
/// <remarks>
/// A stored chunk is a fresh random nonce of 96 bits, the text, and a tag of 128 bits. What it belongs to is authenticated with it: package,
/// part, the part's row, the chunk's number, and whether it is the last. So none can be swapped, moved, left out or cut off unnoticed.
/// Random nonces bear 2^32 chunks under one key, far more than a ledger holds before its key is changed.
/// </remarks>
internal sealed class ChunkCipher : IDisposable
{
    public const int NonceBytes = 12;
    public const int TagBytes = 16;

    /// <summary>By how much a stored chunk is longer than its text.</summary>
    public const int Overhead = NonceBytes + TagBytes;

    /// <summary>The text as it is; <see cref="PackedChunk.Format"/>: packed.</summary>
    public const byte PlainFormat = 1;
    private const int LabelHead = 1 + 16 + sizeof(long);

    private readonly AesGcm _aes;

    /// <summary>Format, package id, row, chunk number, last or not, part name.</summary>
    private readonly byte[] _label;

    public ChunkCipher(ReadOnlySpan<byte> key, Guid packageId, string part, long number)
    {
        _aes = new AesGcm(key, TagBytes);
        _label = new byte[LabelHead + sizeof(int) + 1 + part.Length];
        packageId.TryWriteBytes(_label.AsSpan(1), bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(_label.AsSpan(17), number);
        Encoding.ASCII.GetBytes(part, _label.AsSpan(LabelHead + sizeof(int) + 1));
    }

    /// <param name="stored">Room for the nonce, the text, room for the tag.</param>
    public void Seal(Span<byte> stored, int n, bool last, byte format = PlainFormat)
    {
        var nonce = stored[..NonceBytes];
        var text = stored[NonceBytes..^TagBytes];
        RandomNumberGenerator.Fill(nonce);
        _aes.Encrypt(nonce, text, text, stored[^TagBytes..], Label(n, last, format));
    }

    /// <summary>The text then stands between the nonce and the tag.</summary>
    /// <exception cref="VaultUnreadableException">It is not what was sealed in this place.</exception>
    public void Open(Span<byte> stored, int n, bool last, byte format = PlainFormat)
    {
        if (stored.Length < Overhead)
        {
            throw VaultUnreadableException.Damaged();
        }

        var text = stored[NonceBytes..^TagBytes];
        try
        {
            _aes.Decrypt(stored[..NonceBytes], text, stored[^TagBytes..], text, Label(n, last, format));
        }
        catch (AuthenticationTagMismatchException exception)
        {
            throw VaultUnreadableException.Damaged(exception);
        }
    }

    public void Dispose() => _aes.Dispose();

    private byte[] Label(int n, bool last, byte format)
    {
        _label[0] = format;
        BinaryPrimitives.WriteInt32BigEndian(_label.AsSpan(LabelHead), n);
        _label[LabelHead + sizeof(int)] = last ? (byte)1 : (byte)0;
        return _label;
    }
}
