using ReferralService.Packaging.Lines;

namespace ReferralService.Packaging.Sections;

/// <summary>A section to be written: its entries, newest first, and what else a person is told beside their lines.</summary>
internal sealed record Section(SectionKind Kind, IReadOnlyList<SectionEntry> Entries, IReadOnlyList<string> Words);

internal sealed record SectionEntry(PackageEntry Entry, ResourceLine Line);
