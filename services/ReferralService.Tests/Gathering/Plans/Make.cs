using System.Globalization;
using System.Text;
using ReferralService.Fhir.Resources;
using ReferralService.Gathering.Plans;

namespace ReferralService.Tests.Gathering.Plans;

/// <summary>Resources of an invented patient, as an EHR would send them; days count from <see cref="Now"/>.</summary>
internal static class Make
{
    public static readonly DateTimeOffset Now = new(2026, 11, 23, 10, 0, 0, TimeSpan.Zero);

    public const string Loinc = "http://loinc.org";
    public const string Snomed = "http://snomed.info/sct";
    public const string Icd10Cm = "http://hl7.org/fhir/sid/icd-10-cm";

    private const string Subject = "\"subject\": { \"reference\": \"Patient/invented\" }";

    public static string Day(int days) => Now.AddDays(days).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>A laboratory result.</summary>
    public static string Lab(string loinc, int day, double? value = null, string unit = "", string status = "final", string? interpretation = null)
        => Observation("laboratory", loinc, day, value, unit, status, interpretation);

    public static string Vital(string loinc, int day, double? value = null, string unit = "") => Observation("vital-signs", loinc, day, value, unit, "final", null);

    /// <summary>A finding known by its title alone.</summary>
    public static string Finding(string title, int day, string category = "exam") => $$"""
        { "resourceType": "Observation", "status": "final", {{Category("http://terminology.hl7.org/CodeSystem/observation-category", category)}}, "code": { "text": "{{title}}" }, {{Subject}}, "effectiveDateTime": "{{Day(day)}}" }
        """;

    public static string Pressure(int day, int systolic, int diastolic) => $$"""
        { "resourceType": "Observation", "status": "final", {{Category("http://terminology.hl7.org/CodeSystem/observation-category", "vital-signs")}}, {{Code(Loinc, "85354-9")}}, {{Subject}}, "effectiveDateTime": "{{Day(day)}}",
          "component": [ { {{Code(Loinc, "8480-6")}}, {{Quantity(systolic, "mm[Hg]")}} }, { {{Code(Loinc, "8462-4")}}, {{Quantity(diastolic, "mm[Hg]")}} } ] }
        """;

    /// <param name="category">RAD, LAB, SP … of v2-0074.</param>
    public static string Report(string title, int day, string category = "RAD", string? loinc = null, string more = "") => $$"""
        { "resourceType": "DiagnosticReport", "status": "final", {{Category("http://terminology.hl7.org/CodeSystem/v2-0074", category)}},
          "code": { {{(loinc is null ? "" : $"\"coding\": [ {Coding(Loinc, loinc)} ], ")}}"text": "{{title}}" }, {{Subject}}, "effectiveDateTime": "{{Day(day)}}"{{more}} }
        """;

    public static string Document(string title, int day, string? loinc = null, string status = "current") => $$"""
        { "resourceType": "DocumentReference", "status": "{{status}}", "type": { {{(loinc is null ? "" : $"\"coding\": [ {Coding(Loinc, loinc)} ], ")}}"text": "{{title}}" },
          {{Subject}}, "date": "{{Day(day)}}", "content": [ { "attachment": { "contentType": "application/pdf", "url": "Binary/1" } } ] }
        """;

    public static string Condition(string text, string clinicalStatus = "active", string verification = "confirmed") => $$"""
        { "resourceType": "Condition", "clinicalStatus": { "coding": [ { "system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "{{clinicalStatus}}" } ] },
          "verificationStatus": { "coding": [ { "system": "http://terminology.hl7.org/CodeSystem/condition-ver-status", "code": "{{verification}}" } ] }, "code": { "text": "{{text}}" }, {{Subject}}, "recordedDate": "2020-01-01" }
        """;

    public static string Allergy(string text) => $$"""{ "resourceType": "AllergyIntolerance", "type": "allergy", "category": [ "medication" ], "code": { "text": "{{text}}" }, "patient": { "reference": "Patient/invented" } }""";

    public static string Medicine(string text, int day, string status = "active", string? coding = null) => $$"""
        { "resourceType": "MedicationRequest", "status": "{{status}}", "intent": "order", "medicationCodeableConcept": { {{(coding is null ? "" : $"\"coding\": [ {coding} ], ")}}"text": "{{text}}" }, {{Subject}}, "authoredOn": "{{Day(day)}}" }
        """;

    public static string Procedure(string text, int day) => $$"""{ "resourceType": "Procedure", "status": "completed", "code": { "text": "{{text}}" }, {{Subject}}, "performedPeriod": { "start": "{{Day(day)}}", "end": "{{Day(day)}}" } }""";

    public static string Study(string description, int day) => $$"""
        { "resourceType": "ImagingStudy", "status": "available", "modality": [ { "system": "http://dicom.nema.org/resources/ontology/DCM", "code": "MR" } ], {{Subject}}, "started": "{{Day(day)}}", "description": "{{description}}" }
        """;

    public static string Specimen(int day) => $$"""{ "resourceType": "Specimen", "status": "available", "type": { "text": "Tissue block" }, {{Subject}}, "collection": { "collectedDateTime": "{{Day(day)}}" } }""";

    public static string Coding(string system, string code) => $$"""{ "system": "{{system}}", "code": "{{code}}" }""";

    public static ConceptView Concept(string system, string code) => new([new CodingView(system, code, null)], null);

    public static ConceptView Words(string text) => new([], text);

    /// <summary>What is read of a resource that the EHR gave under this id.</summary>
    public static RelevanceFacts Facts(string id, string json) => RelevanceReading.Read(RawResource.Read(Encoding.UTF8.GetBytes("{ \"id\": \"" + id + "\", " + json.TrimStart()[1..])));

    private static string Observation(string category, string loinc, int day, double? value, string unit, string status, string? interpretation) => $$"""
        { "resourceType": "Observation", "status": "{{status}}", {{Category("http://terminology.hl7.org/CodeSystem/observation-category", category)}}, {{Code(Loinc, loinc)}}, {{Subject}},
          "effectiveDateTime": "{{Day(day)}}"{{(value is { } v ? ", " + Quantity(v, unit) : "")}}{{(interpretation is null ? "" : ", \"interpretation\": [ { \"coding\": [ " + Coding("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", interpretation) + " ] } ]")}} }
        """;

    private static string Category(string system, string code) => $$"""
        "category": [ { "coding": [ {{Coding(system, code)}} ] } ]
        """;

    private static string Code(string system, string code) => $$"""
        "code": { "coding": [ {{Coding(system, code)}} ] }
        """;

    private static string Quantity(double value, string unit)
    {
        var number = value.ToString(CultureInfo.InvariantCulture);
        return $$"""
            "valueQuantity": { "value": {{number}}, "unit": "{{unit}}", "system": "http://unitsofmeasure.org", "code": "{{unit}}" }
            """;
    }
}
