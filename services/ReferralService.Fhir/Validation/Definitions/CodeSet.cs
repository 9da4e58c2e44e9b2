namespace ReferralService.Fhir.Validation.Definitions;

/// <summary>How far a code belongs to a required value set.</summary>
internal enum CodeFit : byte
{
    No,

    /// <summary>The code is one of them, but without its system it may be another's.</summary>
    WithoutSystem,
    Yes,
}

/// <summary>The codes of one required value set, each with its system.</summary>
internal sealed class CodeSet
{
    private readonly (byte[] Code, byte[] System)[] _slots;
    private readonly int _mask;

    public CodeSet(string name, IReadOnlyList<(string System, string[] Codes)> parts)
    {
        Name = name;
        _slots = new (byte[], byte[])[NameHash.SlotsFor(parts.Sum(p => p.Codes.Length))];
        _mask = _slots.Length - 1;
        foreach (var (systemName, codes) in parts)
        {
            byte[] system = System.Text.Encoding.UTF8.GetBytes(systemName);
            foreach (string text in codes)
            {
                byte[] code = System.Text.Encoding.UTF8.GetBytes(text);
                uint slot = NameHash.Of(code);
                while (_slots[slot & _mask].Code is not null) slot++;
                _slots[slot & _mask] = (code, system);
            }
        }
    }

    public string Name { get; }

    /// <summary>For an element of type code, whose system is the binding's own affair.</summary>
    public bool Has(ReadOnlySpan<byte> code) => Fit(code, default, hasSystem: false) != CodeFit.No;

    public CodeFit Fit(ReadOnlySpan<byte> code, ReadOnlySpan<byte> system, bool hasSystem)
    {
        for (uint slot = NameHash.Of(code); _slots[slot & _mask].Code is { } known; slot++)
        {
            if (!code.SequenceEqual(known)) continue;
            if (!hasSystem) return CodeFit.WithoutSystem;
            if (system.SequenceEqual(_slots[slot & _mask].System)) return CodeFit.Yes;
        }

        return CodeFit.No;
    }
}
