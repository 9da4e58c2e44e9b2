using System.Buffers.Binary;
using System.Buffers.Text;

namespace ReferralService.Ops.Reading;

/// <summary>The opaque cursor of the list: the row number that the next page begins below. Opaque so that nobody counts with it.</summary>
internal static class ListCursor
{
    private const byte Version = 1;

    public static string Write(long number)
    {
        Span<byte> bytes = stackalloc byte[9];
        bytes[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(bytes[1..], number);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Null: not one of ours.</summary>
    public static long? Read(string cursor)
    {
        Span<byte> bytes = stackalloc byte[9];
        // IsValid first: on a character that is none of Base64's, TryDecode… throws.
        return cursor.Length == 12 && Base64Url.IsValid(cursor) && Base64Url.TryDecodeFromChars(cursor, bytes, out var written) && written == 9 && bytes[0] == Version
            ? BinaryPrimitives.ReadInt64BigEndian(bytes[1..])
            : null;
    }
}
