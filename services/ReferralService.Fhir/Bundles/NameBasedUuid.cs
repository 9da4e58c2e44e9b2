namespace ReferralService.Fhir.Bundles;

/// <summary>Name-based UUIDs, version 5 (RFC 9562 §5.5: SHA-1 of namespace and name).</summary>
public static class NameBasedUuid
{
    /// <summary>The URL namespace of RFC 9562 §6.6: 6ba7b811-9dad-11d1-80b4-00c04fd430c8.</summary>
    public static readonly Guid Url = new("6ba7b811-9dad-11d1-80b4-00c04fd430c8");

    public static Guid Create(Guid @namespace, string name) => throw new NotImplementedException();
}
