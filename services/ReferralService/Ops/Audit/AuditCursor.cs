using System.Buffers.Binary;
using System.Buffers.Text;
using ReferralService.Ledger;

namespace ReferralService.Ops.Audit;

/// <summary>The opaque cursor of the accounting: the delivery that the next page begins behind.</summary>
internal static class AuditCursor
{
    private const byte Version = 2;
    private const int Bytes = 17, Characters = 23;

    public static string Write(DisclosurePlace place)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        bytes[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(bytes[1..], place.At);
        BinaryPrimitives.WriteInt64BigEndian(bytes[9..], place.Number);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Null: not one of ours.</summary>
    public static DisclosurePlace? Read(string cursor)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        // IsValid first: on a character that is none of Base64's, TryDecode… throws.
        return cursor.Length == Characters && Base64Url.IsValid(cursor) && Base64Url.TryDecodeFromChars(cursor, bytes, out var written) && written == Bytes && bytes[0] == Version
            ? new DisclosurePlace(BinaryPrimitives.ReadInt64BigEndian(bytes[1..]), BinaryPrimitives.ReadInt64BigEndian(bytes[9..]))
            : null;
    }
}
