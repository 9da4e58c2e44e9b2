using System.Globalization;
using System.Text.Json.Nodes;

namespace ReferralService.Tests.Gathering.Conformance;

/// <summary>A generated patient of the independent server's own test data, and by hand what a referral for a raised PSA is about: an order, and a record with all that a sparse server makes hard to find.</summary>
internal static class ReferredPatient
{
    public const string Order = "conformance-order";

    private const string Patient = "3f6fd0bb-6cd3-eb3f-4401-cd38ace25f2b";

    /// <summary>What the plans want of it, by hand.</summary>
    public static readonly string[] Wanted =
    [
        "AllergyIntolerance/latex", "Condition/gout", "DiagnosticReport/biopsy", "DiagnosticReport/mri", "DocumentReference/letter",
        "MedicationRequest/finasteride", "Observation/creatinine", "Observation/gleason", $"Patient/{Patient}", "Practitioner/urologist", $"ServiceRequest/{Order}", "Specimen/core",
        .. Enumerable.Range(0, 9).Select(i => $"Observation/psa-{i}"),
    ];

    /// <summary>What is there and is of no use to a urologist, or no longer so.</summary>
    public static readonly string[] Unwanted = ["Condition/cold", "DiagnosticReport/eyes", "MedicationRequest/old-antibiotic", "Observation/tsh-2012", "DocumentReference/insurance"];

    private static readonly string[] Written =
    [
        $$"""{"resourceType":"ServiceRequest","id":"{{Order}}","status":"active","intent":"order","code":{"text":"Urology"},"reasonCode":[{"text":"Raised PSA"}],"subject":{"reference":"{0}"},"requester":{"reference":"Practitioner/urologist"},"authoredOn":"2026-11-20"}""",
        """{"resourceType":"Practitioner","id":"urologist","name":[{"text":"Synthetic Referrer"}]}""",
        """{"resourceType":"AllergyIntolerance","id":"latex","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical","code":"active"}]},"code":{"text":"latex"},"patient":{"reference":"{0}"}}""",
        """{"resourceType":"Condition","id":"gout","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-category","code":"problem-list-item"}]}],"code":{"text":"gout"},"subject":{"reference":"{0}"}}""",
        """{"resourceType":"Condition","id":"cold","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"resolved"}]},"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-category","code":"encounter-diagnosis"}]}],"code":{"text":"common cold"},"subject":{"reference":"{0}"}}""",
        """{"resourceType":"MedicationRequest","id":"finasteride","status":"active","intent":"plan","medicationCodeableConcept":{"text":"finasteride 5 mg"},"subject":{"reference":"{0}"},"authoredOn":"2025-01-10"}""",
        """{"resourceType":"MedicationRequest","id":"old-antibiotic","status":"completed","intent":"order","medicationCodeableConcept":{"text":"amoxicillin"},"subject":{"reference":"{0}"},"authoredOn":"2019-01-10"}""",
        """{"resourceType":"DocumentReference","id":"letter","status":"current","type":{"coding":[{"system":"http://loinc.org","code":"11488-4"}]},"category":[{"coding":[{"system":"http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category","code":"clinical-note"}]}],"subject":{"reference":"{0}"},"date":"2026-03-01T08:00:00Z","content":[{"attachment":{"contentType":"text/plain","data":"UHJvc3RhdGU="}}]}""",
        """{"resourceType":"DocumentReference","id":"insurance","status":"current","type":{"text":"insurance form"},"category":[{"coding":[{"system":"http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category","code":"clinical-note"}]}],"subject":{"reference":"{0}"},"date":"2026-03-01T08:00:00Z","content":[{"attachment":{"contentType":"text/plain","data":"Rm9ybQ=="}}]}""",
        """{"resourceType":"DiagnosticReport","id":"panel","status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0074","code":"LAB"}]}],"code":{"text":"PSA panel"},"subject":{"reference":"{0}"},"effectiveDateTime":"2026-09-01","result":[{"reference":"Observation/psa-0"}]}""",
        """{"resourceType":"DiagnosticReport","id":"mri","status":"final","category":[{"coding":[{"system":"http://loinc.org","code":"LP29684-5"}]}],"code":{"text":"MRI prostate"},"subject":{"reference":"{0}"},"effectiveDateTime":"2026-10-01T09:00:00Z","conclusion":"PI-RADS 4"}""",
        """{"resourceType":"DiagnosticReport","id":"biopsy","status":"final","category":[{"coding":[{"system":"http://loinc.org","code":"LP7839-6"}]}],"code":{"text":"Prostate biopsy, histology"},"subject":{"reference":"{0}"},"effectiveDateTime":"2014-10-01T09:00:00Z","specimen":[{"reference":"Specimen/core"}],"result":[{"reference":"Observation/gleason"}]}""",
        """{"resourceType":"DiagnosticReport","id":"eyes","status":"final","category":[{"coding":[{"system":"http://loinc.org","code":"LP29684-5"}]}],"code":{"text":"Retinal photograph"},"subject":{"reference":"{0}"},"effectiveDateTime":"2026-02-01T09:00:00Z"}""",
        """{"resourceType":"Specimen","id":"core","type":{"text":"core biopsy"},"subject":{"reference":"{0}"}}""",
        """{"resourceType":"Observation","id":"gleason","status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}]}],"code":{"text":"Gleason"},"subject":{"reference":"{0}"},"effectiveDateTime":"2014-10-01T09:00:00Z","valueString":"3+3"}""",
        """{"resourceType":"Observation","id":"creatinine","status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"2160-0"}]},"subject":{"reference":"{0}"},"effectiveDateTime":"2026-09-01T09:00:00Z","valueQuantity":{"value":1.00,"unit":"mg/dL"}}""",
        """{"resourceType":"Observation","id":"tsh-2012","status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"3016-3"}]},"subject":{"reference":"{0}"},"effectiveDateTime":"2012-09-01T09:00:00Z"}""",
    ];

    /// <summary>Writes it as files that the server loads.</summary>
    public static void WriteTo(string folder)
    {
        foreach (var text in Written)
        {
            var json = text.Replace("{0}", $"Patient/{Patient}", StringComparison.Ordinal);
            File.WriteAllText(Path.Combine(folder, $"{JsonNode.Parse(json)!["id"]}.json"), json);
        }

        // Ten years of PSA; every third without a category, as older laboratory systems write them, and one without a date.
        for (int i = 0; i < 9; i++)
        {
            var category = i % 3 == 1 ? "" : """ "category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}]}],""";
            var date = i == 4 ? "" : string.Create(CultureInfo.InvariantCulture, $""" "effectiveDateTime":"{2026 - i}-09-01T08:00:00Z",""");
            File.WriteAllText(
                Path.Combine(folder, $"psa-{i}.json"),
                string.Create(
                    CultureInfo.InvariantCulture,
                    $$$"""{"resourceType":"Observation","id":"psa-{{{i}}}","status":"final",{{{category}}}{{{date}}}"code":{"coding":[{"system":"http://loinc.org","code":"2857-1"}]},"subject":{"reference":"Patient/{{{Patient}}}"},"valueQuantity":{"value":{{{9 - i}}}.50,"unit":"ng/mL","system":"http://unitsofmeasure.org","code":"ng/mL"}}"""));
        }
    }
}
