namespace ReferralService.Sandbox.SyntheticPatients;

/// <summary>An elevated PSA: problem, allergy, medicine, an old weight, ultrasound report, the order; and the PSA itself, which the clinic has and the record lacks.</summary>
internal static class CasePsa
{
    public static IEnumerable<SyntheticResource> Of(CaseStory s)
    {
        yield return s.Make("Condition", s.Condition, -20, $$"""
            {
              "clinicalStatus": { "coding": [ { "system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active" } ] },
              "category": [ { "coding": [ { "system": "http://terminology.hl7.org/CodeSystem/condition-category", "code": "problem-list-item" } ] } ],
              "code": {{CaseStory.Concept("http://hl7.org/fhir/sid/icd-10-cm", "R97.20", "Elevated prostate specific antigen [PSA]")}},
              "subject": {{s.Subject}}, "onsetDateTime": "{{s.Date(-20)}}", "recordedDate": "{{s.Date(-20)}}", "recorder": { "reference": "Practitioner/gp-{{s.Tag}}" }
            }
            """);
        yield return s.Make("AllergyIntolerance", $"allergy-{s.Tag}", -390, $$"""
            {
              "clinicalStatus": { "coding": [ { "system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "code": "active" } ] },
              "code": {{CaseStory.Concept("http://snomed.info/sct", "716186003", "No known allergy")}}, "patient": {{s.Subject}}, "recordedDate": "{{s.Date(-390)}}"
            }
            """);
        yield return s.Make("MedicationRequest", $"tamsulosin-{s.Tag}", -200, $$"""
            {
              "status": "active", "intent": "order", "medicationCodeableConcept": {{CaseStory.Concept("http://www.nlm.nih.gov/research/umls/rxnorm", "77492", "tamsulosin")}},
              "subject": {{s.Subject}}, "authoredOn": "{{s.Date(-200)}}", "requester": { "reference": "Practitioner/gp-{{s.Tag}}" }
            }
            """);
        yield return s.Make("Observation", $"weight-{s.Tag}", -500, $$"""
            {
              "status": "final", "category": {{CaseStory.Category("vital-signs")}}, "code": {{CaseStory.Loinc("29463-7", "Body weight")}}, "subject": {{s.Subject}},
              "effectiveDateTime": "{{s.Local(-500, 8, 10)}}", "valueQuantity": { "value": 81.0, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg" }
            }
            """);
        yield return s.Make("DiagnosticReport", $"us-{s.Tag}", -18, $$"""
            {
              "text": {{CaseStory.Text("Prostate of 48 mL, bladder empties.")}}, "status": "final",
              "category": [ { "coding": [ { "system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "RAD" } ] } ],
              "code": { "text": "Ultrasound of prostate and bladder" }, "subject": {{s.Subject}}, "effectiveDateTime": "{{s.Local(-18, 9)}}", "issued": "{{s.Local(-18, 12)}}",
              "resultsInterpreter": [ { "reference": "Practitioner/radiologist-{{s.Tag}}" } ], "conclusion": "Prostate of 48 mL, bladder empties."
            }
            """);
    }

    public static SyntheticResource Order(CaseStory s) => s.Make("ServiceRequest", $"second-opinion-{s.Tag}", 0, $$"""
        {
          "identifier": [ { "type": { "coding": [ { "system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "PLAC" } ] }, "system": "http://sandbox.example/orders", "value": "ORD-{{s.Tag}}" } ],
          "status": "active", "intent": "order", "priority": "routine",
          "category": [ {{CaseStory.Concept("http://snomed.info/sct", "3457005", "Patient referral")}} ],
          "code": {{CaseStory.Concept("http://snomed.info/sct", "103696004", "Patient referral to specialist")}},
          "subject": {{s.Subject}}, "authoredOn": "{{s.Local(0, 9)}}", "requester": { "reference": "PractitionerRole/{{s.Requester}}" },
          "performer": [ { "reference": "Organization/{{s.Performer.Id}}", "display": "{{s.Performer.Name}}" } ],
          "reasonCode": [ {{CaseStory.Concept("http://terminology.hl7.org/CodeSystem/v2-0336", "S", "Second Opinion")}} ],
          "reasonReference": [ { "reference": "Condition/{{s.Condition}}" } ]
        }
        """);

    /// <summary>Not in the record when the order is written.</summary>
    public static SyntheticResource Result(CaseStory s) => s.Make("Observation", $"psa-{s.Tag}", -21, $$"""
        {
          "status": "final", "category": {{CaseStory.Category("laboratory")}}, "code": {{CaseStory.Loinc("2857-1", "Prostate specific Ag [Mass/volume] in Serum or Plasma")}}, "subject": {{s.Subject}},
          "effectiveDateTime": "{{s.Local(-21, 7, 50)}}", "issued": "{{s.Local(-21, 9)}}", "performer": [ { "reference": "Organization/clinic-{{s.Tag}}" } ],
          "valueQuantity": { "value": {{CaseStory.Number(s.Dice.Between(5, 14), 2)}}, "unit": "ng/mL", "system": "http://unitsofmeasure.org", "code": "ng/mL" }
        }
        """);
}
