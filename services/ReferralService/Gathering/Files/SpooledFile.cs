using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using ReferralService.Fhir.Client;
using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering.Files;

/// <summary>The file inside a Binary that came as JSON, read as it lies in the spool: never whole in memory.</summary>
internal static class SpooledFile
{
    private const int Piece = 64 * 1024;

    /// <summary>Null: there is none, or it is no base64.</summary>
    /// <param name="binary">Its cuts stand in the spool.</param>
    public static FileDigest? Digest(RawResource binary, Spool spool)
    {
        if (DataOf(binary) is not { } data) return null;
        using var decoded = new Decoding();
        byte[] buffer = [];
        int at = data.Start;
        foreach (var cut in binary.Cuts.Where(c => c.At >= data.Start && c.At <= data.End))
        {
            if (!decoded.Take(binary.Utf8.Span[at..cut.At])) return null;
            for (int done = 0; done < cut.Length; done += Piece)
            {
                if (!decoded.Take(spool.Read(cut.Kept + done, Math.Min(Piece, cut.Length - done), ref buffer).Span)) return null;
            }

            at = cut.At;
        }

        return decoded.Take(binary.Utf8.Span[at..data.End]) ? decoded.Finish() : null;
    }

    /// <summary>Where the base64 stands in what was left of the JSON.</summary>
    private static (int Start, int End)? DataOf(RawResource binary)
    {
        var reader = binary.Reader();
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool data = reader.ValueTextEquals("data"u8);
            reader.Read();
            int start = (int)reader.TokenStartIndex + 1;
            if (data) return reader.TokenType == JsonTokenType.String ? (start, start + reader.ValueSpan.Length) : null;
            reader.Skip();
        }

        return null;
    }

    private sealed class Decoding : IDisposable
    {
        private readonly IncrementalHash _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        // R4 Attachment.hash is SHA-1.
        private readonly IncrementalHash _sha1 = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        private readonly byte[] _text = ArrayPool<byte>.Shared.Rent(Piece + 8);
        private readonly byte[] _bytes = ArrayPool<byte>.Shared.Rent(Piece + 8);
        private readonly Base64Text _base64 = new();
        private int _left;
        private long _length;
        private bool _ended;

        /// <summary>False: no base64.</summary>
        public bool Take(ReadOnlySpan<byte> text)
        {
            while (!text.IsEmpty)
            {
                int count = Math.Min(text.Length, Piece - _left);
                int kept = _base64.Take(text[..count], _text.AsSpan(_left));
                text = text[count..];
                if (kept == 0) continue;
                if (kept < 0 || _ended || !Decode(_left + kept)) return false;
            }

            return true;
        }

        public FileDigest? Finish() => _left > 0 || _base64.IsOpen ? null : new FileDigest(_length, _sha1.GetHashAndReset(), _sha256.GetHashAndReset());

        public void Dispose()
        {
            ArrayPool<byte>.Shared.Return(_text, clearArray: true);
            ArrayPool<byte>.Shared.Return(_bytes, clearArray: true);
            _sha1.Dispose();
            _sha256.Dispose();
        }

        /// <summary>Four characters are three bytes: what is left of four waits for those that follow. Padding ends it.</summary>
        private bool Decode(int have)
        {
            int whole = have - (have % 4);
            _ended = whole > 0 && _text[whole - 1] == (byte)'=';
            if (Base64.DecodeFromUtf8(_text.AsSpan(0, whole), _bytes, out int used, out int written) != OperationStatus.Done || used != whole) return false;
            _sha1.AppendData(_bytes, 0, written);
            _sha256.AppendData(_bytes, 0, written);
            _length += written;
            _text.AsSpan(whole, have - whole).CopyTo(_text);
            _left = have - whole;
            return true;
        }
    }
}
