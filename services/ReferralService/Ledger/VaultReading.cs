using System.Buffers;
using System.Security.Cryptography;

namespace ReferralService.Ledger;

/// <summary>One reading of a part; it can go on in another part that has the same plain bytes.</summary>
internal sealed class VaultReading(LedgerDatabase database, VaultKeys keys, Stream destination) : IDisposable
{
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(PackageVault.ChunkBytes);
    private byte[]? _unpacked;
    private IncrementalHash? _hash;
    private long _given;

    /// <summary>Gives what was not given yet. False: a chunk is not there (any more).</summary>
    /// <exception cref="VaultUnreadableException">Its key is not here, or it is not what was written.</exception>
    public async Task<bool> CopyAsync(StoredPart part, CancellationToken cancellationToken)
    {
        using var cipher = keys.CipherFor(part.KeyId, part.PackageId, part.Part, part.Number);
        if (cipher is null && _given == 0)
        {
            // What is in clear has no tags; its digest is looked at before the last chunk is given.
            _hash ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        }

        var (n, skip) = ((int)(_given / part.ChunkText), (int)(_given % part.ChunkText));
        for (; n < part.Chunks; n++, skip = 0)
        {
            var chunk = new Values().Add("number", part.Number).Add("n", (int?)n);
            var length = await database.ReadAsync(session => session.ReadBytesAsync(VaultStatements.ReadChunk, chunk, _buffer, cancellationToken), cancellationToken);
            if (length < 0)
            {
                return false;
            }

            var text = Text(cipher, length, n, last: n == part.Chunks - 1);
            if (text.Length <= skip && part.Bytes > 0)
            {
                throw VaultUnreadableException.Damaged();
            }

            await GiveAsync(part, text[skip..], last: n == part.Chunks - 1, cancellationToken);
        }

        return true;
    }

    public void Dispose()
    {
        _hash?.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer, clearArray: true);
        if (_unpacked is not null)
        {
            ArrayPool<byte>.Shared.Return(_unpacked, clearArray: true);
        }
    }

    /// <summary>The plain bytes of the chunk in the buffer, good until the next one is read.</summary>
    private ReadOnlyMemory<byte> Text(ChunkCipher? cipher, int length, int n, bool last)
    {
        var stored = _buffer.AsMemory(0, length);
        if (!PackedChunk.Is(stored.Span))
        {
            cipher?.Open(stored.Span, n, last);
            return cipher is null ? stored : stored[ChunkCipher.NonceBytes..^ChunkCipher.TagBytes];
        }

        stored = stored[PackedChunk.Mark.Length..];
        cipher?.Open(stored.Span, n, last, PackedChunk.Format);
        _unpacked ??= ArrayPool<byte>.Shared.Rent(PackageVault.ChunkBytes);
        return _unpacked.AsMemory(0, PackedChunk.Unpack((cipher is null ? stored : stored[ChunkCipher.NonceBytes..^ChunkCipher.TagBytes]).Span, _unpacked));
    }

    private async ValueTask GiveAsync(StoredPart part, ReadOnlyMemory<byte> text, bool last, CancellationToken cancellationToken)
    {
        _hash?.AppendData(text.Span);
        _given += text.Length;
        if (last && (_given != part.Bytes || (_hash is not null && $"sha-256:{Convert.ToHexStringLower(_hash.GetHashAndReset())}" != part.Digest)))
        {
            throw VaultUnreadableException.Damaged();
        }

        await destination.WriteAsync(text, cancellationToken);
        Measures.Stored("out", text.Length);
    }
}
