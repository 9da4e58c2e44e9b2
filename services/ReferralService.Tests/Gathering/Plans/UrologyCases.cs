using ReferralService.Gathering.Plans;

namespace ReferralService.Tests.Gathering.Plans;

/// <summary>Test patients of urology's plans; the expectations are written by hand from the plans' intent.</summary>
internal static class UrologyCases
{
    private const string Evidence = ", \"presentedForm\": [ { \"url\": \"Binary/2\" } ], \"imagingStudy\": [ { \"reference\": \"ImagingStudy/1\" } ]";

    public static IEnumerable<PlanCase> All() => [TesticularMass(), RaisedPsa(), Haematuria(), Stones()];

    private static PlanCase TesticularMass() => new(
        "urology-testicular-mass", new OrderFacts { ReasonCondition = [Make.Concept(Make.Icd10Cm, "D40.12")] }, "core urology-testicular-mass",
    [
        new("afp-first", Make.Lab("1834-1", -90, 90, "ng/mL"), "+ urology-testicular-mass/afp"),
        new("afp-second", Make.Lab("1834-1", -60, 400, "ng/mL"), "+ urology-testicular-mass/afp"),
        new("afp-third", Make.Lab("1834-1", -10, 1500, "ng/mL"), "+ urology-testicular-mass/afp"),
        new("afp-old", Make.Lab("1834-1", -800, 3, "ng/mL"), "- outside-window urology-testicular-mass/afp"),
        new("hcg", Make.Lab("19080-1", -10, 40, "m[IU]/mL"), "+ urology-testicular-mass/hcg"),
        new("ldh", Make.Lab("14804-9", -40, 260, "U/L"), "+ urology-testicular-mass/ldh"),
        new("ultrasound", Make.Report("US Scrotum and testicle", -11, loinc: "25002-7", more: Evidence), "+ urology-testicular-mass/scrotal-ultrasound"),
        new("ct", Make.Report("CT Abdomen and Pelvis W contrast IV", -8, loinc: "36813-4"), "+ urology-testicular-mass/staging"),
        new("chest", Make.Report("XR Chest 2 Views", -8, loinc: "36643-5"), "+ urology-testicular-mass/chest"),
        new("knee", Make.Report("XR knee", -8), "- not-relevant core,urology-testicular-mass"),
        new("histology", Make.Report("Histology", -3000, "SP"), "+ urology-testicular-mass/pathology"),
        new("creatinine-1", Make.Lab("2160-0", -5, 1, "mg/dL"), "+ urology-testicular-mass/kidney-function"),
        new("creatinine-2", Make.Lab("2160-0", -50, 1, "mg/dL"), "+ urology-testicular-mass/kidney-function"),
        new("creatinine-3", Make.Lab("2160-0", -100, 1, "mg/dL"), "+ urology-testicular-mass/kidney-function"),
        new("creatinine-4", Make.Lab("2160-0", -200, 1, "mg/dL"), "- beyond-last-n urology-testicular-mass/kidney-function"),
        new("testosterone", Make.Lab("2986-8", -30, 500, "ng/dL"), "+ urology-testicular-mass/hormones"),
        new("vitamin-d", Make.Lab("1989-3", -30, 30, "ng/mL"), "- not-relevant core,urology-testicular-mass"),
        new("images", Make.Study("US scrotum", -11), "+ urology-testicular-mass/imaging-studies"),
        new("knee-images", Make.Study("MR knee", -11), "- not-relevant core,urology-testicular-mass"),
        new("palpation", Make.Finding("Examination of the scrotum", -30), "+ urology-testicular-mass/examination"),
        new("semen", Make.Finding("Semen analysis", -100, "laboratory"), "+ urology-testicular-mass/semen"),
        new("haemoglobin", Make.Lab("718-7", -10, 14, "g/dL"), "+ urology-testicular-mass/blood-count"),
        new("cold", Make.Condition("Acute upper respiratory infection", "resolved"), "- not-current core/problems"),
    ],
    [
        "urology-testicular-mass/afp present 2026-11-13", "urology-testicular-mass/hcg present 2026-11-13", "urology-testicular-mass/ldh stale 2026-10-14",
        "urology-testicular-mass/scrotal-ultrasound present 2026-11-12", "urology-testicular-mass/staging present 2026-11-15 lacks attachment lacks imaging", "urology-testicular-mass/semen present 2026-08-15",
    ],
    ["urology-testicular-mass/afp!very-high Observation/afp-third"]);

    private static PlanCase RaisedPsa() => new("urology-psa", new OrderFacts { Code = Make.Words("Elevated PSA, please assess") }, "core urology-psa",
    [
        new("psa-1", Make.Lab("2857-1", -3000, 4.1, "ng/mL"), "+ urology-psa/psa-series"),
        new("psa-2", Make.Lab("2857-1", -400, 7.9, "ng/mL"), "+ urology-psa/psa-series"),
        new("psa-3", Make.Lab("2857-1", -120, 120, "ng/mL"), "+ urology-psa/psa-series"),
        new("psa-sensitive", Make.Lab("35741-8", -500, 6.2, "ng/mL"), "+ urology-psa/psa-series"),
        new("psa-ancient", Make.Lab("2857-1", -3700, 1.1, "ng/mL"), "- outside-window urology-psa/psa-series"),
        new("psa-free", Make.Lab("10886-0", -400, 0.6, "ng/mL"), "+ urology-psa/free-psa"),
        new("mri-1", Make.Report("MRI prostate, PI-RADS 4", -30), "+ urology-psa/prostate-mri"),
        new("mri-2", Make.Report("MRI prostate", -300), "+ urology-psa/prostate-mri"),
        new("mri-3", Make.Report("MRI prostate", -1000), "- beyond-last-n urology-psa/prostate-mri"),
        new("mri-4", Make.Report("MRI prostate", -1500), "- outside-window urology-psa/prostate-mri"),
        new("palpation", Make.Finding("Digital rectal examination", -20), "+ urology-psa/examination"),
        new("palpation-old", Make.Finding("Digital rectal examination", -500), "- outside-window urology-psa/examination"),
        new("biopsy", Make.Report("Prostate biopsy", -2000, "SP"), "+ urology-psa/pathology"),
        new("finasteride", Make.Medicine("Finasteride 5 mg", -200), "+ core/medications, urology-psa/psa-lowering"),
        new("finasteride-past", Make.Medicine("Finasteride 5 mg", -900, "stopped"), "- not-current core/medications"),
        new("urine-1", Make.Lab("5794-3", -10), "+ urology-psa/urinalysis"),
        new("urine-2", Make.Lab("5794-3", -20), "- beyond-last-n urology-psa/urinalysis"),
        new("culture", Make.Lab("630-4", -10), "+ urology-psa/urine-culture"),
        new("creatinine", Make.Lab("2160-0", -30, 1, "mg/dL"), "+ urology-psa/kidney-function"),
        new("aspirin", Make.Medicine("Aspirin 100 mg", -100), "+ core/medications, urology-psa/blood-thinners"),
        new("images", Make.Study("MR prostate", -31), "+ urology-psa/imaging-studies"),
        new("potassium", Make.Lab("2823-3", -10, 4, "mmol/L"), "- not-relevant core,urology-psa"),
    ],
    ["urology-psa/psa-series stale 2026-07-26", "urology-psa/free-psa present 2025-10-19", "urology-psa/blood-thinners present 2026-08-15", "urology-psa/psa-lowering present 2026-05-07"],
    ["urology-psa/blood-thinners!taken MedicationRequest/aspirin", "urology-psa/psa-lowering!taken MedicationRequest/finasteride", "urology-psa/psa-series!very-high Observation/psa-3"]);

    private static PlanCase Haematuria() => new("urology-haematuria", new OrderFacts { ReasonCode = [Make.Concept(Make.Icd10Cm, "R31.0")] }, "core urology-haematuria",
    [
        new("urine", Make.Lab("24356-8", -5), "+ urology-haematuria/urinalysis"),
        new("urine-old", Make.Lab("24356-8", -400), "- outside-window urology-haematuria/urinalysis"),
        new("creatinine", Make.Lab("2160-0", -200, 1.2, "mg/dL"), "+ urology-haematuria/kidney-function"),
        new("culture", Make.Lab("630-4", -10), "+ urology-haematuria/urine-culture"),
        new("inr", Make.Lab("6301-6", -4, 5, "{INR}"), "+ urology-haematuria/inr"),
        new("haemoglobin", Make.Lab("718-7", -4, 7.5, "g/dL"), "+ urology-haematuria/blood-count"),
        new("cytology", Make.Document("Urine cytology", -60), "+ urology-haematuria/cytology, urology-haematuria/pathology"),
        new("cystoscopy", Make.Procedure("Cystoscopy", -1000), "+ core/procedures, urology-haematuria/cystoscopy"),
        new("apixaban", Make.Medicine("Apixaban 5 mg", -100), "+ core/medications, urology-haematuria/blood-thinners"),
        new("psa-1", Make.Lab("2857-1", -50, 2, "ng/mL"), "+ urology-haematuria/psa"),
        new("psa-2", Make.Lab("2857-1", -500, 2, "ng/mL"), "- beyond-last-n urology-haematuria/psa"),
        new("ct", Make.Report("CT urography", -100), "+ urology-haematuria/urinary-tract"),
        new("images", Make.Study("CT urography", -101), "+ urology-haematuria/imaging-studies"),
        new("brain", Make.Report("MRI brain", -100), "- not-relevant core,urology-haematuria"),
    ],
    ["urology-haematuria/urinalysis present 2026-11-18", "urology-haematuria/kidney-function stale 2026-05-07", "urology-haematuria/urinary-tract present 2026-08-15 lacks attachment lacks imaging"],
    ["urology-haematuria/blood-count!anaemia Observation/haemoglobin", "urology-haematuria/blood-thinners!taken MedicationRequest/apixaban", "urology-haematuria/inr!high Observation/inr"]);

    private static PlanCase Stones() => new(
        "urology-stones", new OrderFacts { ReasonCondition = [Make.Concept(Make.Snomed, "95570007")], Diagnosed = new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero) }, "core urology-stones",
    [
        new("ct", Make.Report("CT KUB low dose", -20, more: Evidence), "+ urology-stones/stone-imaging"),
        new("brain", Make.Report("MRI brain", -20), "- not-relevant core,urology-stones"),
        new("stone", Make.Finding("Stone analysis", -900, "laboratory"), "+ urology-stones/stone-analysis"),
        new("stone-before", Make.Finding("Stone analysis", -1100, "laboratory"), "- outside-window urology-stones/stone-analysis"),
        new("urate", Make.Lab("3084-1", -100, 7, "mg/dL"), "+ urology-stones/metabolic"),
        new("creatinine", Make.Lab("2160-0", -3, 1.6, "mg/dL"), "+ urology-stones/kidney-function"),
        new("crp", Make.Lab("1988-5", -3, 150, "mg/L"), "+ urology-stones/inflammation"),
        new("temperature", Make.Vital("8310-5", -2, 38.6, "Cel"), "+ core/vital-signs, urology-stones/fever"),
        new("temperature-before", Make.Vital("8310-5", -10, 37, "Cel"), "+ urology-stones/fever"),
        new("temperature-old", Make.Vital("8310-5", -30, 39.5, "Cel"), "- beyond-last-n core/vital-signs"),
        new("potassium", Make.Lab("2823-3", -3, 6.5, "mmol/L"), "+ urology-stones/potassium"),
        new("urine", Make.Lab("5794-3", -10), "+ urology-stones/urinalysis"),
        new("culture", Make.Lab("630-4", -10), "+ urology-stones/urine-culture"),
        new("haemoglobin", Make.Lab("718-7", -10, 14, "g/dL"), "+ urology-stones/blood-count"),
        new("aspirin", Make.Medicine("Aspirin 100 mg", -100), "+ core/medications, urology-stones/blood-thinners"),
        new("images", Make.Study("CT KUB", -21), "+ urology-stones/imaging-studies"),
        new("lipids", Make.Lab("2093-3", -3, 200, "mg/dL"), "- not-relevant core,urology-stones"),
    ],
    ["urology-stones/stone-imaging present 2026-11-03", "urology-stones/kidney-function present 2026-11-20", "urology-stones/urinalysis present 2026-11-13"],
    ["urology-stones/blood-thinners!taken MedicationRequest/aspirin", "urology-stones/fever!fever Observation/temperature", "urology-stones/inflammation!high Observation/crp", "urology-stones/potassium!high Observation/potassium"]);
}
