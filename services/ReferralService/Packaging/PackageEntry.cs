using ReferralService.Gathering;

namespace ReferralService.Packaging;

/// <summary>A resource of the record at its place in the package.</summary>
/// <param name="Position">Among the carried resources, from 0.</param>
internal sealed record PackageEntry(int Position, GatheredResource Resource, string FullUrl);
