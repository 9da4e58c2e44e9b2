namespace ReferralService.Fhir.Validation.Definitions;

/// <summary>FHIR R4's structure as arrays: what <c>r4.table.txt</c> says, laid out to be looked up by the bytes of a name. Made once, at first use.</summary>
internal sealed class R4Definitions
{
    private static readonly Lazy<R4Definitions> Once = new(() => TableReader.Read(TableFile.Bytes()));
    private readonly Dictionary<string, int> _types;

    public R4Definitions(
        byte[] names, TypeRow[] types, ElementRow[] elements, short[] slots, CodeSet[] codeSets, ulong[][] targetSets, Dictionary<string, int> typesByName)
    {
        (Names, Types, Elements, Slots, CodeSets, TargetSets, _types) = (names, types, elements, slots, codeSets, targetSets, typesByName);
        ResourceSlots = new short[NameHash.SlotsFor(types.Count(t => t.IsResource))];
        for (short type = 0; type < types.Length; type++)
        {
            if (!types[type].IsResource) continue;
            uint slot = NameHash.Of(NameOf(types[type]));
            while (ResourceSlots[slot & (ResourceSlots.Length - 1)] != 0) slot++;
            ResourceSlots[slot & (ResourceSlots.Length - 1)] = (short)(type + 1);
        }

        Element = _types["Element"];
    }

    public static R4Definitions Shared => Once.Value;

    /// <summary>All names one after the other.</summary>
    public byte[] Names { get; }

    public TypeRow[] Types { get; }

    public ElementRow[] Elements { get; }

    /// <summary>Per type a hash table of its elements: the row's number within the type and one, 0 for empty.</summary>
    public short[] Slots { get; }

    public CodeSet[] CodeSets { get; }

    /// <summary>A bit for each type a reference may lead to.</summary>
    public ulong[][] TargetSets { get; }

    /// <summary>The type of what stands beside a primitive under <c>_name</c>.</summary>
    public int Element { get; }

    private short[] ResourceSlots { get; }

    public ReadOnlySpan<byte> NameOf(in TypeRow type) => Names.AsSpan(type.NameAt, type.NameLength);

    public ReadOnlySpan<byte> NameOf(in ElementRow element) => Names.AsSpan(element.NameAt, element.NameLength);

    public ReadOnlySpan<byte> StemOf(in ElementRow element) => Names.AsSpan(element.NameAt, element.StemLength);

    /// <summary>The element's number in <see cref="Elements"/>; -1 when the type has none of that name.</summary>
    public int Find(in TypeRow type, ReadOnlySpan<byte> name)
    {
        var slots = Slots.AsSpan(type.FirstSlot, type.SlotMask + 1);
        for (uint slot = NameHash.Of(name); ; slot++)
        {
            int row = slots[(int)slot & type.SlotMask];
            if (row == 0) return -1;
            ref readonly var element = ref Elements[type.FirstElement + row - 1];
            if (element.NameLength == name.Length && NameOf(element).SequenceEqual(name)) return type.FirstElement + row - 1;
        }
    }

    /// <summary>A resource type that can stand in a record (no abstract one); -1 when R4 has none of that name.</summary>
    public int FindResource(ReadOnlySpan<byte> name)
    {
        int mask = ResourceSlots.Length - 1;
        for (uint slot = NameHash.Of(name); ; slot++)
        {
            int type = ResourceSlots[(int)slot & mask] - 1;
            if (type < 0 || NameOf(Types[type]).SequenceEqual(name)) return type;
        }
    }

    /// <summary>A type by its name or path, for rules that know it by name.</summary>
    public int TypeNamed(string name) => _types[name];

    public bool MayLeadTo(int targetSet, int type) => (TargetSets[targetSet][type >> 6] >> type & 1) != 0;
}
