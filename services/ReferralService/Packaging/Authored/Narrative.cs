using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ReferralService.Packaging.Authored;

/// <summary>Writes a narrative's XHTML straight as the JSON string it will be. Text is escaped here and nowhere else; elements are ours alone, so nothing in a record can become markup.</summary>
/// <remarks>What must be escaped in XHTML and what in JSON have no character in common once XHTML is written with <c>&amp;quot;</c>, so both are done in one pass.</remarks>
internal sealed class Narrative : IDisposable
{
    /// <summary>Printable ASCII that stands for itself in both.</summary>
    private static readonly SearchValues<byte> Plain = SearchValues.Create([.. Enumerable.Range(0x20, 0x5F).Select(c => (byte)c).Except("&<>\"\\"u8.ToArray())]);

    private readonly PooledBytes _json = new(2 * 1024);

    public Narrative() => _json.Write("\"<div xmlns=\\\"http://www.w3.org/1999/xhtml\\\">"u8);

    public Narrative Paragraph(string text)
    {
        _json.Write("<p>"u8);
        Text(text);
        _json.Write("</p>"u8);
        return this;
    }

    public Narrative List(IEnumerable<string> items)
    {
        _json.Write("<ul>"u8);
        foreach (string item in items)
        {
            _json.Write("<li>"u8);
            Text(item);
            _json.Write("</li>"u8);
        }

        _json.Write("</ul>"u8);
        return this;
    }

    /// <summary>A table; columns with no text in any row are left out.</summary>
    /// <param name="rows">Each as long as <paramref name="headings"/>.</param>
    public Narrative Table(IReadOnlyList<string> headings, IReadOnlyList<string?[]> rows)
    {
        int[] columns = [.. Enumerable.Range(0, headings.Count).Where(c => rows.Any(row => row[c] is not null))];
        BeginTable();
        foreach (int column in columns) Heading(headings[column]);
        BeginRows();
        foreach (string?[] row in rows)
        {
            BeginRow();
            foreach (int column in columns) Cell(row[column]);
            EndRow();
        }

        return EndTable();
    }

    /// <summary>Begins a table that is written cell by cell: <see cref="Heading"/>, <see cref="BeginRows"/>, then row by row, then <see cref="EndTable"/>.</summary>
    public void BeginTable() => _json.Write("<table><thead><tr>"u8);

    public void Heading(string text)
    {
        _json.Write("<th>"u8);
        Text(text);
        _json.Write("</th>"u8);
    }

    public void BeginRows() => _json.Write("</tr></thead><tbody>"u8);

    public void BeginRow() => _json.Write("<tr>"u8);

    public void Cell(string? text)
    {
        BeginCell();
        if (text is not null) Text(text);
        EndCell();
    }

    /// <summary>Begins a cell of <see cref="Text(ReadOnlySpan{byte})"/>s.</summary>
    public void BeginCell() => _json.Write("<td>"u8);

    public void EndCell() => _json.Write("</td>"u8);

    public void EndRow() => _json.Write("</tr>"u8);

    public Narrative EndTable()
    {
        _json.Write("</tbody></table>"u8);
        return this;
    }

    /// <summary>Text within an element that is open.</summary>
    public void Text(string text)
    {
        byte[] utf8 = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        Text(utf8.AsSpan(0, Encoding.UTF8.GetBytes(text, utf8)));
        ArrayPool<byte>.Shared.Return(utf8, clearArray: true);
    }

    /// <param name="utf8">Well-formed.</param>
    public void Text(ReadOnlySpan<byte> utf8)
    {
        while (!utf8.IsEmpty)
        {
            int plain = utf8.IndexOfAnyExcept(Plain);
            if (plain < 0) plain = utf8.Length;
            _json.Write(utf8[..plain]);
            utf8 = utf8[plain..];
            if (!utf8.IsEmpty) utf8 = utf8[Special(utf8)..];
        }
    }

    /// <summary>Writes the narrative as the value of <paramref name="name"/>; it is over then.</summary>
    public void WriteTo(Utf8JsonWriter json, JsonEncodedText name)
    {
        _json.Write("</div>\""u8);
        json.WritePropertyName(name);
        json.WriteRawValue(_json.Span, skipInputValidation: true);
        Dispose();
    }

    public void Dispose() => _json.Dispose();

    /// <summary>What stands for itself in one of the two only, or in neither; returns how many bytes of it were written.</summary>
    private int Special(ReadOnlySpan<byte> utf8)
    {
        switch (utf8[0])
        {
            case (byte)'&': _json.Write("&amp;"u8); return 1;
            case (byte)'<': _json.Write("&lt;"u8); return 1;
            case (byte)'>': _json.Write("&gt;"u8); return 1;
            case (byte)'"': _json.Write("&quot;"u8); return 1;
        }

        int next = utf8.IndexOfAny(Plain), length = next < 0 ? utf8.Length : next;
        int markup = utf8[..length].IndexOfAny("&<>\""u8);
        if (markup >= 0) length = markup;
        for (var rest = utf8[..length]; !rest.IsEmpty;)
        {
            JavaScriptEncoder.UnsafeRelaxedJsonEscaping.EncodeUtf8(rest, _json.GetSpan(Math.Max(256, rest.Length)), out int used, out int written);
            _json.Advance(written);
            rest = rest[used..];
        }

        return length;
    }
}
