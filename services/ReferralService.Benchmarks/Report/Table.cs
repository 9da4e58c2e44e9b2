using System.Text;

namespace ReferralService.Benchmarks.Report;

/// <summary>Figures side by side; written as Markdown with its columns aligned, which a console shows as well as a page.</summary>
/// <param name="title">What was done and how often: what one must know to read the numbers.</param>
internal sealed class Table(string title, params string[] columns)
{
    private readonly List<string[]> _rows = [];
    private readonly List<string> _notes = [];

    public string Title { get; } = title;

    public bool IsEmpty => _rows.Count == 0;

    public void Add(params string[] cells)
    {
        if (cells.Length != columns.Length)
        {
            throw new ArgumentException($"{columns.Length} cells in a row of '{Title}'", nameof(cells));
        }

        _rows.Add(cells);
    }

    /// <summary>A sentence below the table.</summary>
    public void Note(string text) => _notes.Add(text);

    public string Text()
    {
        int[] widths = [.. columns.Select((column, i) => Math.Max(3, _rows.Select(row => row[i].Length).Append(column.Length).Max()))];
        bool[] numbers = [.. columns.Select((_, i) => _rows.All(row => row[i].Length == 0 || "0123456789-NI∞".Contains(row[i][0], StringComparison.Ordinal)))];
        var text = new StringBuilder();
        if (_rows.Count > 0)
        {
            Line(columns);
            text.Append('|');
            for (var i = 0; i < columns.Length; i++)
            {
                text.Append(numbers[i] ? $" {new string('-', widths[i] - 1)}: |" : $" {new string('-', widths[i])} |");
            }

            text.Append('\n');
            _rows.ForEach(Line);
        }

        foreach (var note in _notes)
        {
            text.Append('\n').Append(note).Append('\n');
        }

        return text.ToString();

        void Line(string[] cells)
        {
            text.Append('|');
            for (var i = 0; i < cells.Length; i++)
            {
                text.Append(' ').Append(numbers[i] ? cells[i].PadLeft(widths[i]) : cells[i].PadRight(widths[i])).Append(" |");
            }

            text.Append('\n');
        }
    }
}
