using System.Text;

namespace ReferralService.Fhir.Validation.Definitions;

/// <summary>Reads the table's lines and gives each type its elements, those of its base first.</summary>
internal sealed class TableReader
{
    private readonly List<CodeSet> _codeSets = [];
    private readonly Dictionary<string, short> _codeSetNumbers = new(StringComparer.Ordinal);
    private readonly List<string[]> _targets = [];
    private readonly List<(string[] Head, List<string[]> Elements)> _lines = [];
    private readonly Dictionary<string, int> _types = new(StringComparer.Ordinal);
    private string[] _open = [];

    private TableReader(string table)
    {
        foreach (var range in table.AsSpan().Split('\n'))
        {
            var line = table.AsSpan(range);
            if (line.IsEmpty || line[0] is '#' or 'P' or 'U') continue;
            string[] words = line.Trim(' ').ToString().Split(' ');
            switch (line[0])
            {
                case ' ': _lines[^1].Elements.Add(words); break;
                case 'V': AddCodes(words); break;
                case 'G': _targets.Add(words[1].Split(',')); break;
                case 'O': _open = words[1..]; break;
                case 'T':
                    _types.Add(words[1], _lines.Count);
                    _lines.Add((words, []));
                    break;
            }
        }
    }

    public static R4Definitions Read(byte[] table)
    {
        var reader = new TableReader(Encoding.ASCII.GetString(table));
        var layout = new TableLayout(reader._types, reader._codeSetNumbers, reader._open);
        foreach (var (head, elements) in reader._lines) layout.Declare(head[1], head[2], head[3], elements);
        return layout.Build([.. reader._codeSets], [.. reader._targets.Select(reader.Bits)]);
    }

    private void AddCodes(string[] words)
    {
        _codeSetNumbers.Add(words[1], (short)_codeSets.Count);
        _codeSets.Add(new CodeSet(words[1], [.. words.Skip(2).Select(Part)]));

        // A code may be "<=" and hold the sign that ends its system.
        static (string, string[]) Part(string word) => (word[..word.IndexOf('=')], word[(word.IndexOf('=') + 1)..].Split(','));
    }

    private ulong[] Bits(string[] names)
    {
        ulong[] bits = new ulong[_lines.Count / 64 + 1];
        foreach (string name in names) bits[_types[name] >> 6] |= 1UL << _types[name];
        return bits;
    }
}
