using System.Runtime.InteropServices;
using System.Text;

namespace ReferralService.Fhir.Validation.Definitions;

/// <summary>Lays the table's types out as arrays.</summary>
internal sealed class TableLayout(Dictionary<string, int> types, Dictionary<string, short> codeSets, string[] open)
{
    private static readonly Dictionary<string, PrimitiveKind> Primitives = Enum.GetValues<PrimitiveKind>()
        .Where(k => k != PrimitiveKind.None).ToDictionary(k => char.ToLowerInvariant(k.ToString()[0]) + k.ToString()[1..], StringComparer.Ordinal);

    private readonly List<Declaration> _declared = [];
    private readonly List<byte> _names = [];
    private readonly List<ElementRow> _elements = [];
    private readonly List<short> _slots = [];

    private sealed record Declaration(string Name, string Kind, string Base, List<string[]> Lines)
    {
        public List<ElementRow>? Rows { get; set; }
    }

    public void Declare(string name, string kind, string baseName, List<string[]> lines) => _declared.Add(new Declaration(name, kind, baseName, lines));

    public R4Definitions Build(CodeSet[] codes, ulong[][] targets)
    {
        var rows = new TypeRow[_declared.Count];
        for (int i = 0; i < rows.Length; i++)
        {
            var declared = _declared[i];
            var elements = RowsOf(declared);
            rows[i] = new TypeRow
            {
                NameAt = Add(declared.Name), NameLength = (byte)declared.Name.Length,
                Role = Enum.TryParse<TypeRole>(declared.Name, out var role) ? role : TypeRole.Plain,
                IsResource = declared.Kind == "r",
                FirstElement = _elements.Count, ElementCount = elements.Count,
                FirstSlot = _slots.Count, SlotMask = NameHash.SlotsFor(elements.Count) - 1,
                Required = Required(declared),
            };
            AddSlots(rows[i], elements);
        }

        return new R4Definitions([.. _names], rows, [.. _elements], [.. _slots], codes, targets, types);
    }

    private ulong Required(Declaration declared)
    {
        ulong bits = declared.Base == "-" ? 0 : Required(_declared[types[declared.Base]]);
        int first = declared.Base == "-" ? 0 : Ordinals(RowsOf(_declared[types[declared.Base]]));
        for (int i = 0; i < declared.Lines.Count; i++)
            if (declared.Lines[i][1] is "1" or "+") bits |= 1UL << (first + i);
        return bits;
    }

    private static int Ordinals(List<ElementRow> rows) => rows.Count == 0 ? 0 : rows.Max(r => r.Ordinal) + 1;

    private List<ElementRow> RowsOf(Declaration declared)
    {
        if (declared.Rows is { } known) return known;
        List<ElementRow> rows = declared.Base == "-" ? [] : [.. RowsOf(_declared[types[declared.Base]])];
        int ordinal = Ordinals(rows), choice = rows.Count == 0 ? 0 : rows.Max(r => r.Choice);
        foreach (string[] line in declared.Lines)
        {
            bool many = line[0].EndsWith("[x]", StringComparison.Ordinal);
            string stem = many ? line[0][..^3] : line[0];
            if (line[1] == "0")
            {
                Forbid(rows, stem);
                continue;
            }

            if (ordinal > 63) throw new InvalidOperationException($"{declared.Name} has more elements than a mask has bits.");
            if (many) choice++;
            foreach (string type in line[2] == "*" ? open : line[2].Split('|'))
                rows.Add(Row(declared.Name, stem, type, line, ordinal, many ? choice : 0));
            ordinal++;
        }

        return declared.Rows = rows;
    }

    private ElementRow Row(string owner, string stem, string type, string[] line, int ordinal, int choice)
    {
        int at = type.IndexOf('@');
        string plain = at < 0 ? type : type[..at];
        // A profile's name is no part of a choice's: doseQuantity, though only SimpleQuantity is allowed.
        string suffix = plain == "SimpleQuantity" ? "Quantity" : plain;
        string name = choice > 0 ? stem + char.ToUpperInvariant(suffix[0]) + suffix[1..] : stem;
        var kind = Primitives.GetValueOrDefault(plain);
        string? codes = line.Skip(3).FirstOrDefault(w => w[0] == '=' && w.Length > 1);
        var traits = line[1] is "*" or "+" ? ElementTraits.List : ElementTraits.None;
        if (plain == "Resource") traits |= ElementTraits.AnyResource;
        if (line.Skip(3).Contains("!")) traits |= ElementTraits.Modifier;
        return new ElementRow
        {
            NameAt = Add(name), NameLength = (byte)name.Length, StemLength = (byte)stem.Length,
            Ordinal = (byte)ordinal, Choice = (byte)choice, Traits = traits, Kind = kind,
            Type = kind != PrimitiveKind.None || plain == "Resource" ? (short)-1 : (short)types[plain == ">" ? $"{owner}.{stem}" : plain.TrimStart('>')],
            Codes = codes is null ? (short)-1 : codeSets[codes[1..]],
            Targets = at < 0 ? (short)-1 : short.Parse(type.AsSpan(at + 1)),
        };
    }

    private void Forbid(List<ElementRow> rows, string stem)
    {
        int at = rows.FindIndex(r => Ascii.Equals(NameOf(r), stem));
        rows[at] = rows[at] with { Traits = rows[at].Traits | ElementTraits.Forbidden };
    }

    private void AddSlots(in TypeRow type, List<ElementRow> elements)
    {
        short[] slots = new short[type.SlotMask + 1];
        for (short i = 0; i < elements.Count; i++)
        {
            uint slot = NameHash.Of(NameOf(elements[i]));
            while (slots[slot & type.SlotMask] != 0) slot++;
            slots[slot & type.SlotMask] = (short)(i + 1);
        }

        _slots.AddRange(slots);
        _elements.AddRange(elements);
    }

    private ReadOnlySpan<byte> NameOf(in ElementRow row) => CollectionsMarshal.AsSpan(_names).Slice(row.NameAt, row.NameLength);

    private int Add(string name)
    {
        int at = _names.Count;
        CollectionsMarshal.SetCount(_names, at + name.Length);
        Encoding.ASCII.GetBytes(name, CollectionsMarshal.AsSpan(_names)[at..]);
        return at;
    }
}
