namespace ReferralService.Terminal;

/// <summary>Rows as aligned columns, two spaces between; the last column is as long as it is.</summary>
internal sealed class TextTable(params string[] heads)
{
    private readonly List<(string Text, Ink Ink)[]> _rows = [[.. heads.Select(head => (head, Ink.Faint))]];

    public void Add(params (string Text, Ink Ink)[] row) => _rows.Add(row);

    public async Task WriteAsync(Screen screen)
    {
        var widths = Enumerable.Range(0, heads.Length).Select(column => _rows.Max(row => row[column].Text.Length)).ToArray();
        foreach (var row in _rows)
        {
            var cells = row.Select((cell, column) => screen.Inked(cell.Text, cell.Ink) + (column == row.Length - 1 ? "" : new string(' ', widths[column] - cell.Text.Length)));
            await screen.Output.WriteLineAsync(string.Join("  ", cells).TrimEnd());
        }
    }
}
