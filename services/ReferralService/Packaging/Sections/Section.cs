using ReferralService.Packaging.Lines;

namespace ReferralService.Packaging.Sections;

/// <summary>A section to be written: its entries, newest first, the lines of the first of them, and what else a person is told.</summary>
/// <param name="words">What the order's own section says besides.</param>
internal sealed class Section(SectionKind kind, SectionDraft laidOut, IReadOnlyList<string> words)
{
    public SectionKind Kind { get; } = kind;

    /// <summary>How many entries.</summary>
    public int Count => laidOut.Count;

    /// <summary>How many of them have a line.</summary>
    public int Lines => laidOut.Lines;

    public IReadOnlyList<string> Words { get; } = words;

    /// <summary>What the lines' parts stand in.</summary>
    public SpokenText Spoken => laidOut.Spoken;

    public PackageEntry EntryAt(int index) => laidOut.EntryAt(index);

    public (PackageEntry Entry, ResourceLine Line) LineAt(int index) => laidOut.LineAt(index);
}
