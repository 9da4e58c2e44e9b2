using ReferralService.Packaging.Lines;

namespace ReferralService.Packaging.Sections;

/// <summary>A section to be written: its entries, newest first.</summary>
internal sealed record Section(SectionKind Kind, IReadOnlyList<SectionEntry> Entries);

internal sealed record SectionEntry(PackageEntry Entry, ResourceLine Line);
