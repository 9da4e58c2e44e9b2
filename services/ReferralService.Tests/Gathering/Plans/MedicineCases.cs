using ReferralService.Gathering.Plans;

namespace ReferralService.Tests.Gathering.Plans;

/// <summary>Test patients of cardiology's and endocrinology's plans; the expectations are written by hand from the plans' intent.</summary>
internal static class MedicineCases
{
    public static IEnumerable<PlanCase> All() => [ChestPain(), HeartFailure(), Diabetes()];

    private static PlanCase ChestPain() => new("cardiology-chest-pain", new OrderFacts { ReasonCode = [Make.Words("Chest pain on exertion")] }, "cardiology-chest-pain core",
    [
        new("ecg", Make.Report("12-lead tracing", -100, "EC", "34534-8"), "+ cardiology-chest-pain/ecg"),
        new("ecg-old", Make.Report("ECG", -400, "EC"), "- outside-window cardiology-chest-pain/ecg"),
        new("troponin-1", Make.Lab("67151-1", -20, 60, "ng/L", interpretation: "H"), "+ cardiology-chest-pain/troponin"),
        new("troponin-2", Make.Lab("67151-1", -21, 20, "ng/L", interpretation: "N"), "+ cardiology-chest-pain/troponin"),
        new("ldl-1", Make.Lab("13457-7", -30, 130, "mg/dL"), "+ cardiology-chest-pain/lipids"),
        new("ldl-2", Make.Lab("13457-7", -200, 140, "mg/dL"), "+ cardiology-chest-pain/lipids"),
        new("ldl-3", Make.Lab("13457-7", -500, 150, "mg/dL"), "- beyond-last-n cardiology-chest-pain/lipids"),
        new("pressure", Make.Pressure(-10, 190, 95), "+ cardiology-chest-pain/blood-pressure, core/vital-signs"),
        new("pressure-before", Make.Pressure(-90, 150, 85), "+ cardiology-chest-pain/blood-pressure"),
        new("angiography", Make.Procedure("Coronary angiography", -2000), "+ cardiology-chest-pain/ischaemia-tests, core/procedures"),
        new("echo", Make.Report("Transthoracic echo", -500, "CUS"), "+ cardiology-chest-pain/echocardiography"),
        new("hba1c", Make.Lab("4548-4", -100, 6, "%"), "+ cardiology-chest-pain/hba1c"),
        new("creatinine", Make.Lab("2160-0", -100, 1, "mg/dL"), "+ cardiology-chest-pain/kidney-function"),
        new("haemoglobin", Make.Lab("718-7", -100, 14, "g/dL"), "+ cardiology-chest-pain/blood-count"),
        new("aspirin", Make.Medicine("Aspirin 100 mg", -100), "+ cardiology-chest-pain/blood-thinners, core/medications"),
        new("images", Make.Study("MR heart", -101), "+ cardiology-chest-pain/imaging-studies"),
        new("knee", Make.Report("XR knee", -5), "- not-relevant cardiology-chest-pain,core"),
        new("psa", Make.Lab("2857-1", -5, 2, "ng/mL"), "- not-relevant cardiology-chest-pain,core"),
    ],
    ["cardiology-chest-pain/ecg stale 2026-08-15 lacks attachment", "cardiology-chest-pain/lipids present 2026-10-24", "cardiology-chest-pain/hba1c present 2026-08-15"],
    ["cardiology-chest-pain/blood-pressure!crisis Observation/pressure", "cardiology-chest-pain/blood-thinners!taken MedicationRequest/aspirin", "cardiology-chest-pain/troponin!raised Observation/troponin-1"]);

    private static PlanCase HeartFailure() => new(
        "cardiology-heart-failure", new OrderFacts { ReasonCondition = [Make.Concept(Make.Snomed, "703272007")] }, "cardiology-heart-failure core",
    [
        new("bnp-1", Make.Lab("33762-6", -300, 900, "pg/mL"), "+ cardiology-heart-failure/natriuretic-peptides"),
        new("bnp-2", Make.Lab("33762-6", -100, 1900, "pg/mL"), "+ cardiology-heart-failure/natriuretic-peptides"),
        new("echo", Make.Report("Heart", -400, "CUS", "34552-0"), "+ cardiology-heart-failure/echocardiography"),
        new("ecg", Make.Report("Electrocardiogram", -30, "EC"), "+ cardiology-heart-failure/ecg"),
        new("fraction", Make.Finding("", -400).Replace("\"text\": \"\"", "\"coding\": [ " + Make.Coding(Make.Loinc, "10230-1") + " ]", StringComparison.Ordinal).Replace("\"status\": \"final\"", "\"status\": \"final\", \"valueQuantity\": { \"value\": 30, \"unit\": \"%\" }", StringComparison.Ordinal), "+ cardiology-heart-failure/ejection-fraction"),
        new("creatinine", Make.Lab("2160-0", -10, 1.4, "mg/dL"), "+ cardiology-heart-failure/kidney-function"),
        new("potassium", Make.Lab("2823-3", -10, 2.8, "mmol/L"), "+ cardiology-heart-failure/potassium"),
        new("potassium-before", Make.Lab("2823-3", -40, 6.4, "mmol/L"), "+ cardiology-heart-failure/potassium"),
        new("sodium", Make.Lab("2951-2", -10, 120, "mmol/L"), "+ cardiology-heart-failure/sodium"),
        new("weight-1", Make.Vital("29463-7", -5, 84, "kg"), "+ cardiology-heart-failure/weight, core/vital-signs"),
        new("weight-2", Make.Vital("29463-7", -80, 80, "kg"), "+ cardiology-heart-failure/weight"),
        new("weight-3", Make.Vital("29463-7", -120, 79, "kg"), "- beyond-last-n core/vital-signs"),
        new("ferritin", Make.Lab("2276-4", -60, 30, "ng/mL"), "+ cardiology-heart-failure/iron"),
        new("haemoglobin", Make.Lab("718-7", -100, 13, "g/dL"), "+ cardiology-heart-failure/blood-count"),
        new("tsh", Make.Lab("3016-3", -100, 2, "m[IU]/L"), "+ cardiology-heart-failure/thyroid"),
        new("hba1c", Make.Lab("4548-4", -100, 6, "%"), "+ cardiology-heart-failure/hba1c"),
        new("pressure", Make.Pressure(-100, 130, 80), "+ cardiology-heart-failure/blood-pressure, core/vital-signs"),
        new("chest", Make.Report("XR Chest 2 Views", -100, loinc: "36643-5"), "+ cardiology-heart-failure/chest"),
        new("angiography", Make.Procedure("Coronary angiography", -1000), "+ cardiology-heart-failure/coronaries, core/procedures"),
        new("images", Make.Study("MR heart", -101), "+ cardiology-heart-failure/imaging-studies"),
        new("letter", Make.Document("Insurance form", -60), "- not-relevant cardiology-heart-failure,core"),
    ],
    [
        "cardiology-heart-failure/natriuretic-peptides present 2026-08-15", "cardiology-heart-failure/echocardiography stale 2025-10-19 lacks attachment lacks imaging",
        "cardiology-heart-failure/ecg present 2026-10-24 lacks attachment", "cardiology-heart-failure/thyroid present 2026-08-15",
    ],
    ["cardiology-heart-failure/ejection-fraction!low Observation/fraction", "cardiology-heart-failure/potassium!low Observation/potassium", "cardiology-heart-failure/sodium!low Observation/sodium"]);

    private static PlanCase Diabetes() => new(
        "endocrinology-diabetes", new OrderFacts { Code = Make.Words("Poor blood sugar control"), PerformerType = Make.Concept(Make.Snomed, "394583002") }, "core endocrinology-diabetes",
    [
        new("hba1c", Make.Lab("4548-4", -30, 11, "%"), "+ endocrinology-diabetes/hba1c"),
        new("hba1c-before", Make.Lab("4548-4", -800, 7.1, "%"), "+ endocrinology-diabetes/hba1c"),
        new("hba1c-old", Make.Lab("4548-4", -1200, 6.4, "%"), "- outside-window endocrinology-diabetes/hba1c"),
        new("creatinine", Make.Lab("2160-0", -30, 1, "mg/dL"), "+ endocrinology-diabetes/kidney-function"),
        new("albumin", Make.Lab("9318-7", -500, 40, "mg/g"), "+ endocrinology-diabetes/urine-albumin"),
        new("ldl", Make.Lab("13457-7", -30, 90, "mg/dL"), "+ endocrinology-diabetes/lipids"),
        new("glucose", Make.Lab("2345-7", -3, 50, "mg/dL"), "+ endocrinology-diabetes/glucose"),
        new("glucose-before", Make.Lab("2345-7", -30, 180, "mg/dL"), "+ endocrinology-diabetes/glucose"),
        new("retina", Make.Document("Retinal screening", -200), "+ endocrinology-diabetes/eyes"),
        new("foot", Make.Finding("Foot examination", -400), "+ endocrinology-diabetes/feet"),
        new("c-peptide", Make.Lab("1986-9", -4000, 1, "ng/mL"), "+ endocrinology-diabetes/beta-cells"),
        new("tsh-1", Make.Lab("3016-3", -100, 2, "m[IU]/L"), "+ endocrinology-diabetes/thyroid"),
        new("tsh-2", Make.Lab("3016-3", -300, 2, "m[IU]/L"), "- beyond-last-n endocrinology-diabetes/thyroid"),
        new("insulin", Make.Medicine("Insulin glargine", -100), "+ core/medications"),
        new("pressure", Make.Pressure(-30, 130, 80), "+ core/vital-signs, endocrinology-diabetes/blood-pressure"),
        new("weight", Make.Vital("29463-7", -30, 90, "kg"), "+ core/vital-signs, endocrinology-diabetes/weight"),
        new("potassium", Make.Lab("2823-3", -30, 4.2, "mmol/L"), "+ endocrinology-diabetes/potassium"),
        new("alt", Make.Lab("1742-6", -30, 30, "U/L"), "+ endocrinology-diabetes/liver"),
        new("platelets", Make.Lab("777-3", -30, 250, "10*3/uL"), "+ endocrinology-diabetes/platelets"),
        new("b12", Make.Lab("2132-9", -30, 400, "pg/mL"), "+ endocrinology-diabetes/vitamin-b12"),
        new("sensor", Make.Document("Ambulatory glucose profile", -30), "+ endocrinology-diabetes/devices"),
        new("troponin", Make.Lab("67151-1", -5, 5, "ng/L"), "- not-relevant core,endocrinology-diabetes"),
    ],
    ["endocrinology-diabetes/hba1c present 2026-10-24", "endocrinology-diabetes/urine-albumin stale 2025-07-11", "endocrinology-diabetes/feet stale 2025-10-19", "endocrinology-diabetes/devices present 2026-10-24"],
    ["endocrinology-diabetes/glucose!very-low Observation/glucose", "endocrinology-diabetes/hba1c!very-high Observation/hba1c"]);
}
