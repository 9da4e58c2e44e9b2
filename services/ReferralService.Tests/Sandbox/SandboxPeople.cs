namespace ReferralService.Tests.Sandbox;

/// <summary>Small invented resources, written as a server would send them.</summary>
internal static class SandboxPeople
{
    public static string Patient(string id) => $$$"""{"resourceType":"Patient","id":"{{{id}}}","meta":{"versionId":"3","lastUpdated":"2026-01-01T00:00:00.000Z"},"birthDate":"1994-05-01","_birthDate":{"extension":[{"url":"http://example.org/x","valueDecimal":1.00}]}}""";

    public static string Observation(string id, string patient, string date, string category = "laboratory", string updated = "2026-01-01T00:00:00.000Z") => $$$"""
        {"resourceType":"Observation","id":"{{{id}}}","meta":{"versionId":"1","lastUpdated":"{{{updated}}}"},"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"{{{category}}}"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"1834-1"}]},"subject":{"reference":"Patient/{{{patient}}}"},"effectiveDateTime":"{{{date}}}","valueQuantity":{"value":1.00}}
        """;

    public static string Order(string id, string status = "active") => $$$"""{"resourceType":"ServiceRequest","id":"{{{id}}}","status":"{{{status}}}","intent":"order","subject":{"reference":"Patient/p1"}}""";
}
