using System.Globalization;

namespace ReferralService.Sandbox.SyntheticPatients;

/// <summary>Ten years of an invented patient with a raised PSA, in <see cref="Count"/> resources: most of it is of no use to a urologist. The same seed gives the same bytes.</summary>
internal sealed class LongHistory(int seed, DateTimeOffset day)
{
    /// <summary>Patient, order, referrer and authors among them.</summary>
    public const int Count = 5000;

    public const string Order = "long-order";

    private const string Subject = """{ "reference": "Patient/long" }""";

    private static readonly (string Code, string Display, string Unit)[] Vitals =
    [
        ("85354-9", "Blood pressure panel", "mm[Hg]"), ("8867-4", "Heart rate", "/min"), ("29463-7", "Body weight", "kg"), ("8310-5", "Body temperature", "Cel"), ("59408-5", "Oxygen saturation", "%"),
    ];

    private static readonly (string Code, string Display, string Unit)[] OtherTests =
    [
        ("4548-4", "Hemoglobin A1c", "%"), ("2345-7", "Glucose", "mg/dL"), ("718-7", "Hemoglobin", "g/dL"), ("6690-2", "Leukocytes", "10*3/uL"), ("777-3", "Platelets", "10*3/uL"),
        ("2951-2", "Sodium", "mmol/L"), ("2823-3", "Potassium", "mmol/L"), ("3016-3", "Thyrotropin", "mU/L"), ("2093-3", "Cholesterol", "mg/dL"), ("1742-6", "Alanine aminotransferase", "U/L"),
    ];

    private readonly Seeded _dice = new(seed);

    public IEnumerable<SyntheticResource> Record()
    {
        int made = 0;
        foreach (var resource in Fixed())
        {
            made++;
            yield return resource;
        }

        // The rest: laboratory results of every other kind, from last week back to ten years ago.
        int rest = Count - made;
        for (int i = 0; i < rest; i++)
        {
            var (code, display, unit) = OtherTests[i % OtherTests.Length];
            yield return Result($"lab-{i}", -7 - (int)(3640L * i / rest), "laboratory", code, display, unit);
        }
    }

    private IEnumerable<SyntheticResource> Fixed()
    {
        yield return Make("Patient", "long", -4000, """{ "active": true, "name": [ { "family": "Langzeit", "given": [ "Invented" ] } ], "gender": "male", "birthDate": "1958-03-01" }""");
        yield return Make("Practitioner", "gp-long", -4000, """{ "name": [ { "family": "Referrer" } ] }""");
        yield return Make("ServiceRequest", Order, 0, $$"""
            { "status": "active", "intent": "order", "code": {{CaseStory.Concept("http://snomed.info/sct", "103696004", "Patient referral to specialist")}}, "subject": {{Subject}},
              "requester": { "reference": "Practitioner/gp-long" }, "reasonCode": [ {{CaseStory.Concept("http://snomed.info/sct", "396152005", "Raised prostate specific antigen")}} ] }
            """);
        foreach (var resource in Urology().Concat(Clinic()).Concat(Reports()).Concat(Documents())) yield return resource;
    }

    /// <summary>What the referral is about.</summary>
    private IEnumerable<SyntheticResource> Urology()
    {
        for (int i = 0; i < 24; i++) yield return Result($"psa-{i}", -10 - 150 * i, "laboratory", "2857-1", "Prostate specific Ag", "ng/mL");
        for (int i = 0; i < 4; i++) yield return Result($"free-psa-{i}", -40 - 365 * i, "laboratory", "10886-0", "Prostate specific Ag Free", "ng/mL");
        for (int i = 0; i < 40; i++) yield return Result($"creatinine-{i}", -15 - 90 * i, "laboratory", "2160-0", "Creatinine", "mg/dL");
        for (int i = 0; i < 20; i++) yield return Result($"urine-{i}", -20 - 180 * i, "laboratory", "5794-3", "Hemoglobin in Urine by Test strip", "1");
        int[] scans = [-30, -500, -900];
        for (int i = 0; i < scans.Length; i++)
        {
            yield return Study($"mri-study-{i}", scans[i], "MRI of the prostate");
            yield return Report($"mri-{i}", scans[i], "RAD", """{ "text": "MRI of the prostate" }""", $$""", "imagingStudy": [ { "reference": "ImagingStudy/mri-study-{{i}}" } ]""");
        }

        int[] biopsies = [-400, -3000];
        for (int i = 0; i < biopsies.Length; i++)
        {
            yield return Make("Specimen", $"core-{i}", biopsies[i], $$"""{ "type": { "text": "core" }, "subject": {{Subject}} }""");
            yield return Result($"grade-{i}", biopsies[i], "laboratory", "35266-6", "Gleason score", "{score}");
            yield return Report(
                $"pathology-{i}", biopsies[i], "SP", CaseStory.Loinc("11526-1", "Pathology study"),
                $$""", "specimen": [ { "reference": "Specimen/core-{{i}}" } ], "result": [ { "reference": "Observation/grade-{{i}}" } ]""");
        }
    }

    /// <summary>Problems, medicines, what was done, what was measured at every visit.</summary>
    private IEnumerable<SyntheticResource> Clinic()
    {
        for (int i = 0; i < 40; i++)
        {
            yield return Make("Condition", $"problem-{i}", -60 - 80 * i, $$"""
                { "clinicalStatus": { "coding": [ { "system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "{{(i < 6 ? "active" : "resolved")}}" } ] },
                  "code": { "text": "Problem {{i}}" }, "subject": {{Subject}}, "onsetDateTime": "{{Date(-60 - 80 * i)}}" }
                """);
        }

        for (int i = 0; i < 3; i++)
            yield return Make("AllergyIntolerance", $"allergy-{i}", -2000, $$"""{ "clinicalStatus": { "coding": [ { "system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "code": "active" } ] }, "code": { "text": "Allergen {{i}}" }, "patient": {{Subject}} }""");
        for (int i = 0; i < 150; i++)
        {
            yield return Make("MedicationRequest", $"medicine-{i}", -30 - 24 * i, $$"""
                { "status": "{{(i < 8 ? "active" : "completed")}}", "intent": "order", "medicationCodeableConcept": { "text": "{{(i == 0 ? "finasteride 5 mg" : $"Medicine {i}")}}" },
                  "subject": {{Subject}}, "authoredOn": "{{Date(-30 - 24 * i)}}" }
                """);
        }

        for (int i = 0; i < 60; i++) yield return Make("Procedure", $"procedure-{i}", -50 - 60 * i, $$"""{ "status": "completed", "code": { "text": "Procedure {{i}}" }, "subject": {{Subject}}, "performedDateTime": "{{Date(-50 - 60 * i)}}" }""");
        for (int i = 0; i < 40; i++) yield return Make("Immunization", $"vaccine-{i}", -50 - 90 * i, $$"""{ "status": "completed", "vaccineCode": { "text": "Vaccine {{i}}" }, "patient": {{Subject}}, "occurrenceDateTime": "{{Date(-50 - 90 * i)}}" }""");
        for (int i = 0; i < 2; i++) yield return Make("FamilyMemberHistory", $"family-{i}", -3000, $$"""{ "status": "completed", "patient": {{Subject}}, "relationship": { "text": "brother" } }""");
        for (int i = 0; i < 10; i++) yield return Result($"smoking-{i}", -30 - 360 * i, "social-history", "72166-2", "Tobacco smoking status", "1");
        for (int i = 0; i < 1500; i++)
        {
            var (code, display, unit) = Vitals[i % Vitals.Length];
            yield return Result($"vital-{i}", -7 - 12 * (i / Vitals.Length), "vital-signs", code, display, unit);
        }
    }

    /// <summary>Reports and images of everything else.</summary>
    private IEnumerable<SyntheticResource> Reports()
    {
        for (int i = 0; i < 300; i++)
            yield return Report($"panel-{i}", -7 - 12 * i, "LAB", """{ "text": "Metabolic panel" }""", $$""", "result": [ { "reference": "Observation/lab-{{3 * i}}" }, { "reference": "Observation/lab-{{3 * i + 1}}" } ]""");
        for (int i = 0; i < 30; i++)
        {
            yield return Study($"chest-study-{i}", -80 - 110 * i, "Radiography of the chest");
            yield return Report($"chest-{i}", -80 - 110 * i, "RAD", """{ "text": "Radiography of the chest" }""", $$""", "imagingStudy": [ { "reference": "ImagingStudy/chest-study-{{i}}" } ]""");
        }
    }

    private IEnumerable<SyntheticResource> Documents()
    {
        for (int i = 0; i < 500; i++)
        {
            yield return Make("DocumentReference", $"note-{i}", -7 - 7 * i, $$"""
                { "status": "current", "type": {{CaseStory.Loinc("11506-3", "Progress note")}}, "subject": {{Subject}}, "date": "{{Instant(-7 - 7 * i)}}", "author": [ { "reference": "Practitioner/gp-long" } ],
                  "content": [ { "attachment": { "contentType": "text/plain", "data": "{{Convert.ToBase64String(Bytes(600))}}" } } ] }
                """);
        }
    }

    private SyntheticResource Result(string id, int days, string category, string code, string display, string unit) => Make("Observation", id, days, $$"""
        { "status": "final", "category": {{CaseStory.Category(category)}}, "code": {{CaseStory.Loinc(code, display)}}, "subject": {{Subject}}, "effectiveDateTime": "{{Instant(days)}}",
          "valueQuantity": { "value": {{CaseStory.Number(_dice.Between(1, 99), 2)}}, "unit": "{{unit}}", "system": "http://unitsofmeasure.org", "code": "{{unit}}" } }
        """);

    private SyntheticResource Report(string id, int days, string section, string code, string more) => Make("DiagnosticReport", id, days, $$"""
        { "status": "final", "category": [ { "coding": [ { "system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "{{section}}" } ] } ], "code": {{code}}, "subject": {{Subject}},
          "effectiveDateTime": "{{Instant(days)}}", "conclusion": "Invented finding of no consequence, written to have the length that findings have."{{more}} }
        """);

    private SyntheticResource Study(string id, int days, string description) => Make("ImagingStudy", id, days, $$"""
        { "status": "available", "subject": {{Subject}}, "started": "{{Instant(days)}}", "description": "{{description}}",
          "identifier": [ { "system": "urn:dicom:uid", "value": "urn:oid:2.25.{{1000000 - days}}" } ] }
        """);

    private byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        _dice.Fill(bytes);
        return bytes;
    }

    private string Instant(int days) => day.AddDays(days).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private string Date(int days) => day.AddDays(days).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private SyntheticResource Make(string type, string id, int days, string template) => SyntheticResource.Of(type, id, day.AddDays(days), template);
}
