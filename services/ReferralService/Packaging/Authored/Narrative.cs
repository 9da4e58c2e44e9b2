using System.Text;

namespace ReferralService.Packaging.Authored;

/// <summary>Builds a narrative's XHTML. Text is escaped here and nowhere else; elements are ours alone, so nothing in a record can become markup.</summary>
internal sealed class Narrative
{
    private readonly StringBuilder _xhtml = new("<div xmlns=\"http://www.w3.org/1999/xhtml\">");

    public Narrative Paragraph(string text) => Element("p", text);

    public Narrative List(IEnumerable<string> items)
    {
        _xhtml.Append("<ul>");
        foreach (string item in items) Element("li", item);
        _xhtml.Append("</ul>");
        return this;
    }

    /// <summary>A table; columns with no text in any row are left out.</summary>
    /// <param name="rows">Each as long as <paramref name="headings"/>.</param>
    public Narrative Table(IReadOnlyList<string> headings, IReadOnlyList<string?[]> rows)
    {
        int[] columns = [.. Enumerable.Range(0, headings.Count).Where(c => rows.Any(row => row[c] is not null))];
        _xhtml.Append("<table><thead><tr>");
        foreach (int column in columns) Element("th", headings[column]);
        _xhtml.Append("</tr></thead><tbody>");
        foreach (string?[] row in rows)
        {
            _xhtml.Append("<tr>");
            foreach (int column in columns) Element("td", row[column] ?? "");
            _xhtml.Append("</tr>");
        }

        _xhtml.Append("</tbody></table>");
        return this;
    }

    public string ToDiv() => $"{_xhtml}</div>";

    private Narrative Element(string name, string text)
    {
        _xhtml.Append('<').Append(name).Append('>');
        foreach (char c in text)
        {
            _ = c switch
            {
                '&' => _xhtml.Append("&amp;"),
                '<' => _xhtml.Append("&lt;"),
                '>' => _xhtml.Append("&gt;"),
                '"' => _xhtml.Append("&quot;"),
                _ => _xhtml.Append(c),
            };
        }

        _xhtml.Append("</").Append(name).Append('>');
        return this;
    }
}
