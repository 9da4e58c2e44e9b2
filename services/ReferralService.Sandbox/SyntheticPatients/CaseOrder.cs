namespace ReferralService.Sandbox.SyntheticPatients;

/// <summary>The order that asks for the second opinion.</summary>
internal static class CaseOrder
{
    public static SyntheticResource Of(CaseStory s)
    {
        var last = s.Draws.Count - 1;
        var npi = s.Performer.Npi is { } value ? $$""", "identifier": { "system": "http://hl7.org/fhir/sid/us-npi", "value": "{{value}}" }""" : "";
        return s.Make("ServiceRequest", $"second-opinion-{s.Tag}", 0, $$"""
            {
              "text": {{CaseStory.Text($"Second opinion on a {s.Side} testicular mass before orchiectomy. <a href=\\\"DiagnosticReport/us-{s.Tag}\\\">Ultrasound</a>")}},
              "identifier": [ { "type": { "coding": [ { "system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "PLAC" } ] },
                                "system": "http://sandbox.example/orders", "value": "ORD-{{s.Tag}}" } ],
              "status": "active", "intent": "order", "priority": "urgent",
              "category": [ {{CaseStory.Concept("http://snomed.info/sct", "3457005", "Patient referral")}} ],
              "code": {{CaseStory.Concept("http://snomed.info/sct", "103696004", "Patient referral to specialist")}},
              "subject": {{s.Subject}},
              "encounter": { "reference": "Encounter/{{s.Encounter}}" },
              "authoredOn": "{{s.Local(0, 9)}}",
              "requester": { "reference": "PractitionerRole/{{s.Requester}}" },
              "performer": [ { "reference": "Organization/{{s.Performer.Id}}"{{npi}}, "display": "{{s.Performer.Name}}" } ],
              "reasonCode": [ {{CaseStory.Concept("http://terminology.hl7.org/CodeSystem/v2-0336", "S", "Second Opinion")}} ],
              "reasonReference": [ { "reference": "Condition/{{s.Condition}}" } ],
              "insurance": [ { "reference": "Coverage/coverage-{{s.Tag}}" } ],
              "supportingInfo": [ { "reference": "DiagnosticReport/us-{{s.Tag}}" }, { "reference": "DiagnosticReport/ct-{{s.Tag}}" }, { "reference": "Observation/afp{{last}}-{{s.Tag}}" } ],
              "specimen": [ { "reference": "Specimen/blood{{last}}-{{s.Tag}}" } ],
              "note": [ { "text": "Patient wishes a second opinion before surgery; please answer within five days." } ]
            }
            """);
    }
}
