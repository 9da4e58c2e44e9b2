using System.Text;
using ReferralService.Sandbox.SyntheticPatients;

namespace ReferralService.AcceptanceTests.Chaos.Truth;

/// <summary>A small invented record in which everything that tells of the patient is marked: name, number, phone, narrative, logical id.</summary>
internal static class ChaosPatient
{
    /// <summary>What must be found nowhere but at the consultant, in the vault and in FHIR URLs at the EHR.</summary>
    public const string Canary = "ZZPHI";

    private static readonly DateTimeOffset Day = new(2026, 11, 1, 8, 0, 0, TimeSpan.Zero);

    /// <summary>All but the order.</summary>
    public static IEnumerable<SyntheticResource> Record(string order)
    {
        var patient = PatientId(order);
        yield return SyntheticResource.Of("Patient", patient, Day, $$"""
            { "text": { "status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">{{Canary}}narrative of {{order}}</div>" },
              "identifier": [ { "system": "http://hospital.example/mrn", "value": "{{Canary}}mrn{{order}}" } ], "active": true,
              "name": [ { "family": "{{Canary}}family", "given": [ "{{Canary}}given" ] } ], "telecom": [ { "system": "phone", "value": "{{Canary}}phone5550100" } ], "birthDate": "1996-03-02" }
            """);
        for (var i = 1; i <= 3; i++)
        {
            yield return SyntheticResource.Of("Observation", $"{order}-o{i}", Day, $$"""
                { "status": "final", "category": [ { "coding": [ { "system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory" } ] } ],
                  "code": { "coding": [ { "system": "http://loinc.org", "code": "1834-1" } ], "text": "AFP" }, "subject": { "reference": "Patient/{{patient}}", "display": "{{Canary}}display" },
                  "effectiveDateTime": "2026-10-{{10 + i}}", "valueQuantity": { "value": {{i}}.50, "unit": "ng/mL" }, "note": [ { "text": "{{Canary}}note" } ] }
                """);
        }

        yield return SyntheticResource.Of("DiagnosticReport", $"{order}-r1", Day, $$"""
            { "status": "final", "code": { "text": "Ultrasound" }, "subject": { "reference": "Patient/{{patient}}" }, "effectiveDateTime": "2026-10-12",
              "result": [ { "reference": "Observation/{{order}}-o1" } ], "conclusion": "{{Canary}}conclusion" }
            """);
    }

    /// <summary>The keys of what a package must have.</summary>
    public static IReadOnlyList<string> Keys(string order)
        => [$"ServiceRequest/{order}", $"Patient/{PatientId(order)}", .. Enumerable.Range(1, 3).Select(i => $"Observation/{order}-o{i}"), $"DiagnosticReport/{order}-r1"];

    /// <param name="recipient">Names the Organization that is asked.</param>
    public static string Order(string order, string recipient, string status) => $$"""
        { "resourceType": "ServiceRequest", "id": "{{order}}", "status": "{{status}}", "intent": "order",
          "identifier": [ { "system": "http://hospital.example/orders", "value": "placer-{{order}}" } ],
          "code": { "text": "Second opinion" }, "subject": { "reference": "Patient/{{PatientId(order)}}", "display": "{{Canary}}display" },
          "performer": [ { "reference": "Organization/{{recipient}}" } ], "note": [ { "text": "{{Canary}}ordernote" } ] }
        """;

    /// <summary>An order that says itself when it was last changed.</summary>
    public static string OldOrder(string order, string recipient, DateTimeOffset at) => Order(order, recipient, "active")
        .Replace("\"status\"", $"\"meta\": {{ \"versionId\": \"1\", \"lastUpdated\": \"{at.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}\" }}, \"status\"", StringComparison.Ordinal);

    public static ReadOnlyMemory<byte> Organization(string recipient)
        => Encoding.UTF8.GetBytes($$"""{ "resourceType": "Organization", "id": "{{recipient}}", "active": true, "name": "Urology {{recipient}}" }""");

    private static string PatientId(string order) => $"{Canary}id-{order}";
}
