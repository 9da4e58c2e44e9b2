using ReferralService.Fhir.Bundles;

namespace ReferralService.Packaging.Authored;

/// <summary>Ids of what we write ourselves: the same in every build of one package version. Id and fullUrl say the same uuid.</summary>
internal sealed class AuthoredIds(Guid packageId)
{
    public Guid Composition { get; } = NameBasedUuid.Create(packageId, "composition");
    public Guid Device { get; } = NameBasedUuid.Create(packageId, "device");
    public Guid Provenance { get; } = NameBasedUuid.Create(packageId, "provenance");
    public Guid Task { get; } = NameBasedUuid.Create(packageId, "task");

    public static string Urn(Guid id) => $"urn:uuid:{id:D}";
}
