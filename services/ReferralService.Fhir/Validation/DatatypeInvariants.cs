namespace ReferralService.Fhir.Validation;

/// <summary>Of the datatypes; all that what we write could use, an extension's value included.</summary>
internal static class DatatypeInvariants
{
    private const string Ucum = "http://unitsofmeasure.org";

    public static IReadOnlyList<Invariant> All { get; } =
    [
        new("per-1", ["Period"], static e => !InstantRange.IsSurelyLater(e.Text("start"u8), e.Text("end"u8))),
        new("qty-3", ["Quantity", "SimpleQuantity", "Age", "Count", "Distance", "Duration"], static e => !e.Has("code"u8) || e.Has("system"u8)),
        new("age-1", ["Age"], static e => HasCode(e) && IsUcum(e) && e.Number("value"u8) is null or > 0),
        new("cnt-3", ["Count"], static e => HasCode(e) && IsUcum(e) && e.Text("code"u8) is null or "1" && !e.Digits("value"u8).Contains((byte)'.')),
        new("dis-1", ["Distance"], static e => HasCode(e) && IsUcum(e)),
        new("drt-1", ["Duration"], static e => !e.Has("code"u8) || (e.Text("system"u8) == Ucum && e.Has("value"u8))),
        new("rng-2", ["Range"], static e => !IsGreater(e.Child("low"u8), e.Child("high"u8))),
        new("rat-1", ["Ratio"], static e => e.Has("numerator"u8) == e.Has("denominator"u8) && (e.Has("numerator"u8) || e.Has("extension"u8))),
        new("att-1", ["Attachment"], static e => !e.Has("data"u8) || e.Has("contentType"u8)),
        new("cpt-2", ["ContactPoint"], static e => !e.Has("value"u8) || e.Has("system"u8)),
        new("drq-1", ["DataRequirement.codeFilter"], static e => e.Has("path"u8) != e.Has("searchParam"u8)),
        new("drq-2", ["DataRequirement.dateFilter"], static e => e.Has("path"u8) != e.Has("searchParam"u8)),
        new("exp-1", ["Expression"], static e => e.Has("expression"u8) || e.Has("reference"u8)),
        new("trd-1", ["TriggerDefinition"], static e => !e.Has("data"u8) || !e.HasChoice("timing"u8)),
        new("trd-2", ["TriggerDefinition"], static e => !e.Has("condition"u8) || e.Has("data"u8)),
        new("trd-3", ["TriggerDefinition"], static e => e.Text("type"u8) switch
        {
            "named-event" => e.Has("name"u8),
            "periodic" => e.HasChoice("timing"u8),
            { } type when type.StartsWith("data-", StringComparison.Ordinal) => e.Has("data"u8),
            _ => true,
        }),
    ];

    private static bool HasCode(ElementSlice quantity) => quantity.Has("code"u8) || !quantity.Has("value"u8);

    private static bool IsUcum(ElementSlice quantity) => quantity.Text("system"u8) is null or Ucum;

    /// <summary>Only quantities of one unit compare.</summary>
    private static bool IsGreater(ElementSlice low, ElementSlice high)
        => low.Text("system"u8) == high.Text("system"u8) && low.Text("code"u8) == high.Text("code"u8)
            && (low.Has("code"u8) || low.Text("unit"u8) == high.Text("unit"u8))
            && low.Number("value"u8) > high.Number("value"u8);
}
