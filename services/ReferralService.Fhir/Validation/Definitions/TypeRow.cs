namespace ReferralService.Fhir.Validation.Definitions;

/// <summary>The types that have a rule beyond their elements.</summary>
internal enum TypeRole : byte
{
    Plain,
    Extension,
    Reference,
    Coding,
    CodeableConcept,
    Meta,
}

/// <summary>A resource type, a datatype, or an element that holds others.</summary>
internal struct TypeRow
{
    public int NameAt;
    public byte NameLength;
    public TypeRole Role;
    public bool IsResource;

    /// <summary>Rows of its elements, in <see cref="R4Definitions.Elements"/>.</summary>
    public int FirstElement;
    public int ElementCount;

    /// <summary>Its part of <see cref="R4Definitions.Slots"/>; a power of two less one.</summary>
    public int FirstSlot;
    public int SlotMask;

    /// <summary>A bit for each element that must be there.</summary>
    public ulong Required;
}
