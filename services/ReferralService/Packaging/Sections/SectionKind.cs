namespace ReferralService.Packaging.Sections;

/// <summary>A kind of section of the Composition: heading and LOINC code (displays as LOINC writes them).</summary>
/// <remarks>
/// Codes are those of C-CDA and IPS sections (R4 value set doc-section-codes). Documents are coded 34109-9 "Note", the code C-CDA gives a
/// section of notes of any kind; 55107-7 would call each an addendum to something. Supporting information has no code: LOINC has none for
/// "everything else the order rests on".
/// </remarks>
/// <param name="Value">What a line's value is called here.</param>
internal sealed record SectionKind(string Title, string? Code, string? Display, string Value = "Result")
{
    public static SectionKind ReasonForReferral { get; } = new("Reason for referral", "42349-1", "Reason for referral (narrative)", "Reason");
    public static SectionKind Problems { get; } = new("Problems", "11450-4", "Problem list - Reported", "Stage");
    public static SectionKind Allergies { get; } = new("Allergies and intolerances", "48765-2", "Allergies and adverse reactions Document", "Reaction");
    public static SectionKind Medications { get; } = new("Medications", "10160-0", "History of Medication use Narrative", "Dose");
    public static SectionKind Results { get; } = new("Results", "30954-2", "Relevant diagnostic tests/laboratory data Narrative");
    public static SectionKind VitalSigns { get; } = new("Vital signs", "8716-3", "Vital signs");
    public static SectionKind Imaging { get; } = new("Imaging", "18748-4", "Diagnostic imaging study", "Finding");
    public static SectionKind Procedures { get; } = new("Procedures", "47519-4", "History of Procedures Document", "Outcome");
    public static SectionKind Immunizations { get; } = new("Immunizations", "11369-6", "History of Immunization Narrative", "Details");
    public static SectionKind SocialHistory { get; } = new("Social history", "29762-2", "Social history Narrative", "Finding");
    public static SectionKind Documents { get; } = new("Documents", "34109-9", "Note", "Details");
    public static SectionKind Supporting { get; } = new("Supporting information", null, null, "Details");

    /// <summary>As they follow each other in the Composition.</summary>
    public static IReadOnlyList<SectionKind> InOrder { get; } =
    [
        ReasonForReferral, Problems, Allergies, Medications, Results, VitalSigns, Imaging, Procedures, Immunizations, SocialHistory, Documents,
        Supporting,
    ];
}
