using System.Text;
using ReferralService.Packaging.Lines;

namespace ReferralService.Packaging.Sections;

/// <summary>Which section a resource belongs to, by type and category; the first rule that fits wins.</summary>
internal sealed class SectionRule
{
    private readonly string _type;
    private readonly SectionKind _kind;
    private readonly byte[]? _system;
    private readonly byte[][] _codes;

    /// <param name="system">What the category's system ends with (old and new addresses of one code system end alike); a category without system fits too.</param>
    private SectionRule(string type, SectionKind kind, string? system = null, params string[] codes)
        => (_type, _kind, _system, _codes) = (type, kind, system is null ? null : Encoding.ASCII.GetBytes(system), [.. codes.Select(Encoding.ASCII.GetBytes)]);

    private const string ObservationCategory = "observation-category", DiagnosticService = "0074", Loinc = "loinc.org";

    private static readonly SectionRule[] Table =
    [
        new("Condition", SectionKind.Problems),
        new("AllergyIntolerance", SectionKind.Allergies),
        new("MedicationRequest", SectionKind.Medications),
        new("MedicationStatement", SectionKind.Medications),
        new("MedicationAdministration", SectionKind.Medications),
        new("MedicationDispense", SectionKind.Medications),
        new("Observation", SectionKind.Results, ObservationCategory, "laboratory"),
        new("Observation", SectionKind.VitalSigns, ObservationCategory, "vital-signs"),
        new("Observation", SectionKind.Imaging, ObservationCategory, "imaging"),
        new("Observation", SectionKind.SocialHistory, ObservationCategory, "social-history"),
        new("Observation", SectionKind.Supporting, ObservationCategory, "survey", "activity", "therapy"),
        new("Observation", SectionKind.Results),
        // HL7 v2 table 0074: CT, cardiac/OB/vascular ultrasound, MR, nuclear medicine, radiology, its ultrasound, radiograph, cineradiograph.
        new("DiagnosticReport", SectionKind.Imaging, DiagnosticService, "CT", "CUS", "NMR", "NMS", "OUS", "RAD", "RUS", "RX", "VUS", "XRC"),
        new("DiagnosticReport", SectionKind.Imaging, Loinc, "LP29684-5", "18748-4"),
        new("DiagnosticReport", SectionKind.Documents, DiagnosticService, "PHY"),
        // Notes that US Core servers also show as reports: consultation, discharge, H&P, procedure, progress, surgery, ED, nurse, evaluation + plan.
        new("DiagnosticReport", SectionKind.Documents, Loinc,
            "11488-4", "18842-5", "34117-2", "28570-0", "11506-3", "11504-8", "34111-5", "34746-8", "51847-2"),
        new("DiagnosticReport", SectionKind.Results),
        new("ImagingStudy", SectionKind.Imaging),
        new("Media", SectionKind.Imaging),
        new("Procedure", SectionKind.Procedures),
        new("Immunization", SectionKind.Immunizations),
        new("DocumentReference", SectionKind.Documents),
        new("Composition", SectionKind.Documents),
    ];

    public SectionKind Kind => _kind;

    public static SectionRule[] For(string type) => Array.FindAll(Table, rule => rule._type == type);

    public bool Fits(List<Category> categories, SpokenText words)
    {
        if (_system is null) return true;
        for (int i = 0; i < categories.Count; i++)
        {
            var (system, code) = categories[i];
            if ((system.IsNothing || words[system].EndsWith(_system)) && HasCode(words[code])) return true;
        }

        return false;
    }

    private bool HasCode(ReadOnlySpan<byte> code)
    {
        foreach (byte[] one in _codes)
        {
            if (code.SequenceEqual(one)) return true;
        }

        return false;
    }
}
