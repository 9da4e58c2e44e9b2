namespace ReferralService.Sandbox.SyntheticPatients;

/// <summary>
/// An HIV infection that the EHR labelled nowhere (its codes tell), a depression that it labelled, and the patient's Consent by the shape of IHE PCF:
/// everything may go for treatment, but nothing about HIV.
/// </summary>
internal static class CaseSensitive
{
    private const string ActCode = "http://terminology.hl7.org/CodeSystem/v3-ActCode";

    /// <summary>What the Consent denies, <c>Type/id</c>. The ids say nothing, since a reference would repeat them.</summary>
    public static IReadOnlyList<string> Denied(string tag) => [$"Condition/problem4-{tag}", $"MedicationRequest/medicine2-{tag}", $"Observation/result9-{tag}"];

    /// <summary>Words that would tell what was denied, wherever they stand.</summary>
    public static IReadOnlyList<string> Tells { get; } = ["HIV", "Z21", "20447-9", "J05AR", "bictegravir"];

    /// <summary>Labelled by the EHR, permitted by the Consent.</summary>
    public static string Permitted(string tag) => $"Condition/problem5-{tag}";

    public static string Consent(string tag) => $"Consent/wishes-{tag}";

    public static IEnumerable<SyntheticResource> Of(CaseStory s)
    {
        yield return s.Make("Condition", $"problem4-{s.Tag}", -300, $$"""
            {
              {{Active}}, "code": {{CaseStory.Concept("http://hl7.org/fhir/sid/icd-10-cm", "Z21", "Asymptomatic human immunodeficiency virus [HIV] infection status")}},
              "subject": {{s.Subject}}, "recordedDate": "{{s.Date(-300)}}"
            }
            """);
        yield return s.Make("MedicationRequest", $"medicine2-{s.Tag}", -280, $$"""
            {
              "status": "active", "intent": "order", "subject": {{s.Subject}}, "authoredOn": "{{s.Date(-280)}}",
              "medicationCodeableConcept": {{CaseStory.Concept("http://www.whocc.no/atc", "J05AR20", "emtricitabine, tenofovir alafenamide and bictegravir")}}
            }
            """);
        yield return s.Make("Observation", $"result9-{s.Tag}", -30, $$"""
            {
              "status": "final", "category": {{CaseStory.Category("laboratory")}}, "code": {{CaseStory.Loinc("20447-9", "HIV 1 RNA [#/volume] (viral load) in Serum or Plasma by NAA with probe detection")}},
              "subject": {{s.Subject}}, "effectiveDateTime": "{{s.Local(-30, 7, 50)}}", "valueQuantity": { "value": 20, "comparator": "<", "unit": "{copies}/mL", "system": "http://unitsofmeasure.org", "code": "{copies}/mL" }
            }
            """);

        yield return SyntheticResource.Labelled("Condition", $"problem5-{s.Tag}", s.At(-200, 9), $$"""[ { "system": "{{ActCode}}", "code": "PSY", "display": "psychiatry disorder information sensitivity" } ]""", $$"""
            {
              {{Active}}, "code": {{CaseStory.Concept("http://hl7.org/fhir/sid/icd-10-cm", "F32.1", "Major depressive disorder, single episode, moderate")}},
              "subject": {{s.Subject}}, "recordedDate": "{{s.Date(-200)}}"
            }
            """);
        yield return s.Make("Consent", $"wishes-{s.Tag}", -20, $$"""
            {
              "status": "active",
              "scope": { "coding": [ { "system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy" } ] },
              "category": [ { "coding": [ { "system": "http://loinc.org", "code": "59284-0", "display": "Consent Document" } ] } ],
              "patient": {{s.Subject}},
              "dateTime": "{{s.Local(-20, 11)}}",
              "policyRule": { "coding": [ { "system": "{{ActCode}}", "code": "OPTIN" } ] },
              "provision": {
                "type": "permit",
                "purpose": [ { "system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "TREAT" } ],
                "provision": [ { "type": "deny", "securityLabel": [ { "system": "{{ActCode}}", "code": "HIV" } ] } ]
              }
            }
            """);
    }

    private const string Active = """
        "clinicalStatus": { "coding": [ { "system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active" } ] },
        "category": [ { "coding": [ { "system": "http://terminology.hl7.org/CodeSystem/condition-category", "code": "problem-list-item" } ] } ]
        """;
}
