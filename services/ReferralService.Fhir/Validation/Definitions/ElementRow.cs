namespace ReferralService.Fhir.Validation.Definitions;

[Flags]
internal enum ElementTraits : byte
{
    None = 0,

    /// <summary>Written as a JSON array.</summary>
    List = 1,

    /// <summary>Holds a resource of whatever type it says it is.</summary>
    AnyResource = 2,

    /// <summary>A profile on the type takes the element away.</summary>
    Forbidden = 4,

    Modifier = 8,
}

/// <summary>One name that may stand in an object: a choice has a row for each of its types.</summary>
internal struct ElementRow
{
    /// <summary>The name, within <see cref="R4Definitions.Names"/>; a choice's is its stem and its type.</summary>
    public int NameAt;
    public byte NameLength;

    /// <summary>How much of the name is the element's own: less than all of it for a choice.</summary>
    public byte StemLength;

    /// <summary>The element's place in its type, at most 63; rows of one choice share it.</summary>
    public byte Ordinal;

    /// <summary>Numbers the choices of a type from 1; 0 when the element is none.</summary>
    public byte Choice;
    public ElementTraits Traits;
    public PrimitiveKind Kind;

    /// <summary>In <see cref="R4Definitions.Types"/>, when it is neither a primitive nor any resource.</summary>
    public short Type;

    /// <summary>The required codes, in <see cref="R4Definitions.CodeSets"/>; -1 when none are.</summary>
    public short Codes;

    /// <summary>What a reference may lead to, in <see cref="R4Definitions.TargetSets"/>; -1 when to anything.</summary>
    public short Targets;

    public readonly bool IsList => (Traits & ElementTraits.List) != 0;

    public readonly ulong Bit => 1UL << Ordinal;
}
