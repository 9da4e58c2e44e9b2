using System.Buffers.Binary;

namespace ReferralService.Gathering;

/// <summary>A SHA-256 as four numbers: a record has tens of thousands of them, and as text each would take five times the room.</summary>
internal readonly record struct BodyDigest(ulong First, ulong Second, ulong Third, ulong Fourth) : IComparable<BodyDigest>
{
    /// <param name="sha256">32 bytes.</param>
    public static BodyDigest Of(ReadOnlySpan<byte> sha256) => new(
        BinaryPrimitives.ReadUInt64BigEndian(sha256), BinaryPrimitives.ReadUInt64BigEndian(sha256[8..]),
        BinaryPrimitives.ReadUInt64BigEndian(sha256[16..]), BinaryPrimitives.ReadUInt64BigEndian(sha256[24..]));

    /// <summary>In the order of the texts.</summary>
    public int CompareTo(BodyDigest other)
        => (First, Second, Third, Fourth).CompareTo((other.First, other.Second, other.Third, other.Fourth));

    /// <summary>64 lower-case hex digits.</summary>
    public override string ToString() => $"{First:x16}{Second:x16}{Third:x16}{Fourth:x16}";
}
