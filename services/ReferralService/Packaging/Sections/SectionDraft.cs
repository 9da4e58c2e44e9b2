using System.Buffers.Binary;
using ReferralService.Packaging.Authored;
using ReferralService.Packaging.Lines;

namespace ReferralService.Packaging.Sections;

/// <summary>A section while it is laid out: of every entry its date, and lines only of those that may be among the newest.</summary>
internal sealed class SectionDraft(PackageContents contents) : IDisposable
{
    private readonly PooledList<Dated> _entries = new();
    private readonly SpokenText _dates = new();
    private readonly PooledList<(Dated Entry, ResourceLine Line)> _lines = new();

    /// <summary>An entry by its date; the first sixteen bytes of that decide nearly always.</summary>
    private readonly record struct Dated(int Position, UInt128 Head, Said Date);

    public int Count => _entries.Count;

    public int Lines => _lines.Count;

    public SpokenText Spoken { get; private set; } = new();

    public PackageEntry EntryAt(int index) => contents[_entries[index].Position];

    public (PackageEntry Entry, ResourceLine Line) LineAt(int index) => (contents[_lines[index].Entry.Position], _lines[index].Line);

    /// <param name="line">Its parts are taken over from <paramref name="words"/>.</param>
    public void Add(PackageEntry entry, ResourceLine line, SpokenText words)
    {
        var date = words[line.Date];
        // FHIR's dates sort as text; words ("at birth") are no date to sort by.
        var dated = date is [>= (byte)'0' and <= (byte)'9', ..] ? new Dated(entry.Position, Head(date), _dates.Add(date)) : new Dated(entry.Position, 0, default);
        _entries.Add(dated);
        _lines.Add((dated, Copied(line, words, Spoken)));
        if (_lines.Count < 4 * SectionNarrative.MaxLines) return;
        KeepNewest();
        Compact();
    }

    /// <summary>Puts everything in its order.</summary>
    public void Finish()
    {
        KeepNewest();
        _entries.Span.Sort(NewestFirst);
    }

    public void Dispose()
    {
        _entries.Dispose();
        _lines.Dispose();
        _dates.Dispose();
        Spoken.Dispose();
    }

    private static ResourceLine Copied(ResourceLine line, SpokenText from, SpokenText to)
        => new(to.Add(from[line.Label]), to.Add(from[line.Date]), to.Add(from[line.Value]), to.Add(from[line.Status]));

    private void KeepNewest()
    {
        _lines.Span.Sort((a, b) => NewestFirst(a.Entry, b.Entry));
        if (_lines.Count > SectionNarrative.MaxLines) _lines.CutTo(SectionNarrative.MaxLines);
    }

    /// <summary>Words of lines that are gone go, too.</summary>
    private void Compact()
    {
        var spoken = Spoken;
        Spoken = new SpokenText();
        foreach (ref var kept in _lines.Span) kept.Line = Copied(kept.Line, spoken, Spoken);
        spoken.Dispose();
    }

    /// <summary>What has no date last; the rest by where it comes from, so that the order is always the same.</summary>
    private int NewestFirst(Dated a, Dated b)
    {
        int byDate = b.Head.CompareTo(a.Head);
        if (byDate == 0 && (a.Date.Length > 16 || b.Date.Length > 16)) byDate = _dates[b.Date].SequenceCompareTo(_dates[a.Date]);
        return byDate != 0 ? byDate : a.Position.CompareTo(b.Position);
    }

    private static UInt128 Head(ReadOnlySpan<byte> date)
    {
        Span<byte> head = stackalloc byte[16];
        head.Clear();
        date[..Math.Min(16, date.Length)].CopyTo(head);
        return BinaryPrimitives.ReadUInt128BigEndian(head);
    }
}
