using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace ReferralService.Fhir.Bundles;

/// <summary>Many ids as <see cref="NameBasedUuid"/> gives them, of one namespace: what hashes is set up once for all of them, which is a quarter of the cost of each. Not safe from several threads.</summary>
[SuppressMessage("Security", "CA5350", Justification = "RFC 9562 fixes SHA-1 for version 5; the id is a name, not a proof.")]
public sealed class NameBasedUuids(Guid @namespace) : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);

    /// <param name="name">In UTF-8.</param>
    public Guid Create(ReadOnlySpan<byte> name)
    {
        Span<byte> input = name.Length <= 496 ? stackalloc byte[512] : new byte[16 + name.Length];
        input = NameBasedUuid.Named(@namespace, name, input);
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
        _hash.AppendData(input);
        _hash.GetHashAndReset(hash);
        return NameBasedUuid.Of(hash);
    }

    public void Dispose() => _hash.Dispose();
}
