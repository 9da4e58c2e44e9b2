using ReferralService.Fhir.Resources;
using ReferralService.Gathering.Plans;

namespace ReferralService.Tests.Gathering.Plans;

/// <summary>Test patients of the plans that belong to no speciality; the expectations are written by hand from the plans' intent.</summary>
internal static class GeneralCases
{
    private const string File = ", \"presentedForm\": [ { \"contentType\": \"application/pdf\", \"url\": \"Binary/2\" } ]";
    private const string Images = ", \"imagingStudy\": [ { \"reference\": \"ImagingStudy/1\" } ]";

    public static readonly ConceptView SecondOpinion = Make.Concept("http://terminology.hl7.org/CodeSystem/v2-0336", "S");

    public static IEnumerable<PlanCase> All() => [Unknown(), AnySecondOpinion(), CancerSecondOpinion()];

    private static PlanCase Unknown() => new("general", new OrderFacts { Code = Make.Words("Please see for a rash") }, "core general",
    [
        new("condition", Make.Condition("Eczema"), "+ core/problems"),
        new("condition-past", Make.Condition("Appendicitis", "resolved"), "- not-current core/problems"),
        new("condition-wrong", Make.Condition("Psoriasis", verification: "entered-in-error"), "- entered-in-error core,general"),
        new("allergy", Make.Allergy("Penicillin"), "+ core/allergies"),
        new("medicine", Make.Medicine("Hydrocortisone cream", -20), "+ core/medications"),
        new("medicine-past", Make.Medicine("Amoxicillin", -90, "stopped"), "- not-current core/medications"),
        new("operation", Make.Procedure("Appendectomy", -9000), "+ core/procedures"),
        new("pressure", Make.Pressure(-30, 128, 81), "+ core/vital-signs, general/results"),
        new("pressure-before", Make.Pressure(-60, 131, 84), "+ general/results"),
        new("potassium", Make.Lab("2823-3", -10, 4.1, "mmol/L"), "+ general/results"),
        new("potassium-critical", Make.Lab("2823-3", -5, 6.9, "mmol/L", interpretation: "HH"), "+ general/results"),
        new("potassium-old", Make.Lab("2823-3", -731, 4.0, "mmol/L"), "- outside-window general/results"),
        new("potassium-cancelled", Make.Lab("2823-3", -2, status: "cancelled"), "- cancelled core,general"),
        new("sodium", Make.Lab("2951-2", -1, 140, "mmol/L"), "+ general/results"),
        new("training", Make.Finding("Gait training", -3, "therapy"), "+ general/results"),
        new("report", Make.Report("Skin photography", -100), "+ general/reports"),
        new("report-old", Make.Report("Skin photography", -900), "- outside-window general/reports"),
        new("letter", Make.Document("Letter to the clinic", -20, "11488-4"), "+ core/notes, general/documents"),
        new("letter-replaced", Make.Document("Letter to the clinic", -21, "11488-4", "superseded"), "- not-current core/notes"),
        new("session", Make.Document("Psychotherapy notes", -40), "- must-not-send core/psychotherapy-notes"),
        new("images", Make.Study("Skin photographs", -100), "+ general/imaging-studies"),
        new("vaccination", """{ "resourceType": "Immunization", "status": "completed", "vaccineCode": { "text": "Influenza" }, "patient": { "reference": "Patient/invented" }, "occurrenceDateTime": "2025-10-01" }""", "+ core/immunizations"),
        new("father", """{ "resourceType": "FamilyMemberHistory", "status": "completed", "patient": { "reference": "Patient/invented" }, "relationship": { "text": "father" } }""", "+ core/family-history"),
        new("smoker", Make.Vital("72166-2", -800), "+ core/smoking"),
        new("pregnancy", Make.Vital("82810-3", -100), "+ core/pregnancy, general/results"),
        new("visit", """{ "resourceType": "Encounter", "status": "finished" }""", "- not-relevant core,general"),
    ],
    [
        "core/allergies present", "core/problems present 2020-01-01", "core/medications present 2026-11-03", "core/smoking stale 2024-09-14",
        "core/notes present 2026-11-03", "general/results present 2026-11-22", "general/reports present 2026-08-15 lacks attachment",
    ],
    ["general/results!critical Observation/potassium-critical"]);

    private static PlanCase AnySecondOpinion() => new("second-opinion", new OrderFacts { Code = Make.Words("Knee surgery?"), ReasonCode = [SecondOpinion] }, "core second-opinion",
    [
        new("mri", Make.Report("MRI of the knee", -1000, more: File), "+ second-opinion/reports"),
        new("mri-old", Make.Report("MRI of the knee", -1900, more: File + Images), "- outside-window second-opinion/reports"),
        new("synovia", Make.Report("Histology of the synovia", -4000, "SP"), "+ second-opinion/pathology"),
        new("block", Make.Specimen(-900), "+ second-opinion/specimens"),
        new("block-old", Make.Specimen(-1900), "- outside-window second-opinion/specimens"),
        new("images", Make.Study("MR knee", -1000), "+ second-opinion/imaging-studies"),
        new("crp", Make.Lab("1988-5", -100, 3, "mg/L"), "+ second-opinion/results"),
        new("crp-old", Make.Lab("1988-5", -800, 3, "mg/L"), "- outside-window second-opinion/results"),
        new("lachman", Make.Finding("Lachman test", -30), "+ second-opinion/findings"),
        new("letter", Make.Document("Letter of the surgeon", -1000), "+ second-opinion/documents"),
        new("weight", Make.Vital("29463-7", -10, 80, "kg"), "+ core/vital-signs"),
        new("weight-before", Make.Vital("29463-7", -40, 81, "kg"), "- beyond-last-n core/vital-signs"),
    ],
    ["second-opinion/reports present 2024-02-27 lacks imaging", "second-opinion/imaging-studies present 2024-02-27", "core/problems absent"],
    []);

    private static PlanCase CancerSecondOpinion() => new(
        "oncology-second-opinion",
        new OrderFacts { ReasonCode = [SecondOpinion], ReasonCondition = [Make.Concept(Make.Icd10Cm, "C34.10")], Diagnosed = new DateTimeOffset(2025, 6, 1, 0, 0, 0, TimeSpan.Zero) },
        "core oncology-second-opinion second-opinion",
    [
        new("histology", Make.Report("Histology, lung", -3000, "SP", more: File), "+ oncology-second-opinion/pathology, second-opinion/pathology"),
        new("ct", Make.Report("CT chest", -100, more: File + Images), "+ oncology-second-opinion/imaging-reports, second-opinion/reports"),
        new("ct-before", Make.Report("CT chest", -700), "+ second-opinion/reports"),
        new("ct-ancient", Make.Report("CT chest", -2500), "- outside-window oncology-second-opinion/imaging-reports"),
        new("blood-report", Make.Report("Blood", -30, "LAB"), "+ second-opinion/reports"),
        new("stage", Make.Lab("21908-9", -500), "+ oncology-second-opinion/stage, second-opinion/results"),
        new("cea", Make.Lab("2039-6", -100, 8, "ng/mL"), "+ oncology-second-opinion/tumour-markers, second-opinion/results"),
        new("cea-before", Make.Lab("2039-6", -600, 4, "ng/mL"), "+ second-opinion/results"),
        new("cea-ancient", Make.Lab("2039-6", -900, 4, "ng/mL"), "- outside-window oncology-second-opinion/tumour-markers"),
        new("block", Make.Specimen(-500), "+ oncology-second-opinion/specimens, second-opinion/specimens"),
        new("cisplatin", Make.Medicine("Cisplatin", -400, "completed", Make.Coding("http://www.whocc.no/atc", "L01XA01")), "+ oncology-second-opinion/systemic-therapy"),
        new("board", Make.Document("Tumor board", -50), "+ oncology-second-opinion/tumour-board, second-opinion/documents"),
        new("genes", Make.Finding("PD-L1 expression", -450, "laboratory"), "+ oncology-second-opinion/molecular, second-opinion/results"),
        new("ecog", Make.Vital("89247-1", -20, 1), "+ oncology-second-opinion/performance-status"),
        new("operation", Make.Document("Operation note", -300, "11504-8"), "+ oncology-second-opinion/operation-notes, second-opinion/documents"),
        new("haemoglobin", Make.Lab("718-7", -10, 12, "g/dL"), "+ oncology-second-opinion/blood-count, second-opinion/results"),
        new("creatinine", Make.Lab("2160-0", -10, 1, "mg/dL"), "+ oncology-second-opinion/kidney-function, second-opinion/results"),
        new("alt", Make.Lab("1742-6", -10, 30, "U/L"), "+ oncology-second-opinion/liver, second-opinion/results"),
        new("ecog-before", Make.Vital("89247-1", -80, 0), "- beyond-last-n oncology-second-opinion/performance-status"),
    ],
    ["oncology-second-opinion/pathology present 2018-09-06", "oncology-second-opinion/imaging-reports stale 2026-08-15", "oncology-second-opinion/performance-status present 2026-11-03"],
    []);
}
