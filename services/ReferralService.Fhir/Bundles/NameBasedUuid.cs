using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace ReferralService.Fhir.Bundles;

/// <summary>Name-based UUIDs, version 5 (RFC 9562 §5.5: SHA-1 of namespace and name).</summary>
public static class NameBasedUuid
{
    /// <summary>The URL namespace of RFC 9562 §6.6: 6ba7b811-9dad-11d1-80b4-00c04fd430c8.</summary>
    public static readonly Guid Url = new("6ba7b811-9dad-11d1-80b4-00c04fd430c8");

    /// <summary>The same namespace and name give the same id, everywhere and for ever.</summary>
    public static Guid Create(Guid @namespace, string name) => Create(@namespace, Encoding.UTF8.GetBytes(name));

    /// <param name="name">In UTF-8.</param>
    [SuppressMessage("Security", "CA5350", Justification = "RFC 9562 fixes SHA-1 for version 5; the id is a name, not a proof.")]
    public static Guid Create(Guid @namespace, ReadOnlySpan<byte> name)
    {
        Span<byte> input = name.Length <= 496 ? stackalloc byte[512] : new byte[16 + name.Length];
        input = Named(@namespace, name, input);
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
        SHA1.HashData(input, hash);
        return Of(hash);
    }

    /// <summary>What is hashed: the namespace, then the name.</summary>
    /// <param name="room">For both.</param>
    internal static Span<byte> Named(Guid @namespace, ReadOnlySpan<byte> name, Span<byte> room)
    {
        @namespace.TryWriteBytes(room, bigEndian: true, out _);
        name.CopyTo(room[16..]);
        return room[..(16 + name.Length)];
    }

    /// <param name="hash">SHA-1 of the two; changed.</param>
    internal static Guid Of(Span<byte> hash)
    {
        hash[6] = (byte)((hash[6] & 0x0F) | 0x50);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}
