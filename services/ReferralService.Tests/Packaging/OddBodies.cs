namespace ReferralService.Tests.Packaging;

/// <summary>Valid R4 that a library which reads and writes again would change.</summary>
internal static class OddBodies
{
    public static readonly string[] All =
    [
        """{"resourceType":"Observation","id":"decimals","status":"final","code":{"text":"a"},"subject":{"reference":"Patient/p"},"valueQuantity":{"value":1.00},"extension":[{"url":"http://example.org/x","valueDecimal":0.010},{"url":"http://example.org/y","valueDecimal":1E+2}]}""",
        """{"resourceType":"RelatedPerson","id":"primitive","patient":{"reference":"Patient/p"},"birthDate":"1970-01","_birthDate":{"extension":[{"url":"http://example.org/t","valueTime":"01:00:00"}]},"name":[{"given":["A",null],"_given":[null,{"id":"g"}]}]}""",
        """{"resourceType":"Condition","id":"unicode","code":{"text":"café <&> \u00e9 \ud83e\uddea 🩺 \"q\" \\ \/ \t"},"subject":{"reference":"Patient\/p"}}""",
        "{\n  \"resourceType\" : \"Procedure\",\r\n\t\"id\" : \"pretty\",\n  \"status\" : \"completed\",\n  \"subject\" : { \"reference\" : \"Patient/p\" }\n}",
        """{"resourceType":"MedicationRequest","id":"contained","status":"active","intent":"order","contained":[{"resourceType":"Medication","id":"m","code":{"text":"x"}}],"medicationReference":{"reference":"#m"},"subject":{"reference":"Patient/p"}}""",
        """{"resourceType":"Immunization","id":"modifier","modifierExtension":[{"url":"http://example.org/not","valueBoolean":true}],"status":"completed","vaccineCode":{"text":"v"},"patient":{"reference":"Patient/p"},"occurrenceString":"once"}""",
        """{"resourceType":"DiagnosticReport","id":"references","meta":{"versionId":"7","lastUpdated":"2026-01-01T00:00:00.000+00:00"},"status":"final","code":{"text":"r"},"subject":{"reference":"https://ehr.example.org/fhir/Patient/p"},"result":[{"reference":"Observation/decimals/_history/3"},{"reference":"Observation/elsewhere"},{"reference":"https://other.example.org/Observation/1"},{"reference":"urn:uuid:6a1c0f0e-6f6c-4e4c-8d9c-0d8f0b1f2a3b"}]}""",
        """{"resourceType":"Encounter","id":"narrative","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">See <a href=\"Patient/p\">the patient</a> and <a href='Observation/nowhere'>this</a>, <a href=\"#x\">here</a></div>"},"status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/p"}}""",
    ];
}
