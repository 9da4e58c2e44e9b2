using ReferralService.Packaging.Lines;

namespace ReferralService.Packaging.Sections;

/// <summary>A section to be written: its entries, newest first, the lines of the first of them, and what else a person is told.</summary>
internal sealed record Section(SectionKind Kind, IReadOnlyList<PackageEntry> Entries, IReadOnlyList<SectionEntry> Lines, IReadOnlyList<string> Words);

internal sealed record SectionEntry(PackageEntry Entry, ResourceLine Line);
