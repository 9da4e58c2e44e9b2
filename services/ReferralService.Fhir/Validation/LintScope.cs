namespace ReferralService.Fhir.Validation;

[Flags]
internal enum LintScope
{
    Structure = 0,

    /// <summary>R4's invariants too, as far as we know them.</summary>
    Invariants = 1,

    /// <summary>A Bundle's entries are passed over: only what stands around them counts.</summary>
    EnvelopeOnly = 2,
}
