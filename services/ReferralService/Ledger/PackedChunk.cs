using System.IO.Compression;

namespace ReferralService.Ledger;

/// <summary>A chunk of the vault that was made smaller before it was sealed (Brotli, ADR 0017). Clinical JSON shrinks six to nine times, and what is not written need not be synced.</summary>
/// <remarks>
/// It says so itself, by eight bytes in front: the vault holds JSON, and no UTF-8 begins with 0xFF; a nonce that begins so comes up once in 2^64 chunks.
/// Each chunk stands alone and holds as many plain bytes as one that is not packed, so that both kinds may stand in one part.
/// </remarks>
internal static class PackedChunk
{
    /// <summary>Format of what is sealed, in the seal's label: a chunk that was packed cannot be passed off as one that was not.</summary>
    public const byte Format = 2;

    /// <summary>Fastest: packing then costs less than writing what it saves.</summary>
    private const int Quality = 0;

    /// <summary>256 KiB: the whole chunk.</summary>
    private const int WindowBits = 18;

    /// <summary>What stands in front of a packed chunk.</summary>
    public static ReadOnlySpan<byte> Mark => [0xFF, (byte)'R', (byte)'S', (byte)'V', (byte)'B', (byte)'r', Format, 0];

    public static bool Is(ReadOnlySpan<byte> stored) => stored.StartsWith(Mark);

    /// <returns>Bytes written; 0 when it would save less than an eighth.</returns>
    public static int Pack(ReadOnlySpan<byte> text, Span<byte> room)
        => BrotliEncoder.TryCompress(text, room[..Math.Min(room.Length, text.Length - (text.Length / 8))], out int written, Quality, WindowBits) ? written : 0;

    /// <exception cref="VaultUnreadableException">It is not what <see cref="Pack"/> wrote.</exception>
    public static int Unpack(ReadOnlySpan<byte> packed, Span<byte> room)
    {
        using var brotli = new BrotliDecoder();
        return brotli.Decompress(packed, room, out int used, out int written) == System.Buffers.OperationStatus.Done && used == packed.Length
            ? written
            : throw VaultUnreadableException.Damaged();
    }
}
