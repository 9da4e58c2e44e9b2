namespace ReferralService.Sandbox.SyntheticPatients;

/// <summary>Visits, problems, allergy, medication, vaccination, an operation long ago, vital signs, and the clinic's note.</summary>
internal static class CaseHistory
{
    private const string ClinicalStatus = "http://terminology.hl7.org/CodeSystem/condition-clinical";

    public static IEnumerable<SyntheticResource> Of(CaseStory s)
    {
        yield return Encounter(s, s.Encounter, -12, "Painless swelling, second visit");
        yield return Encounter(s, $"firstvisit-{s.Tag}", -92, "Painless swelling noticed in the shower");
        yield return Condition(s, s.Condition, "active", "D40.1" + (s.Left ? "2" : "1"), $"Neoplasm of uncertain behavior of {s.Side} testis", -92);
        yield return Condition(s, $"cold-{s.Tag}", "resolved", "J06.9", "Acute upper respiratory infection, unspecified", -200);
        yield return s.Make("Condition", $"undescended-{s.Tag}", -400, $$"""
            {
              "clinicalStatus": { "coding": [ { "system": "{{ClinicalStatus}}", "code": "active" } ] },
              "category": [ { "coding": [ { "system": "http://terminology.hl7.org/CodeSystem/condition-category", "code": "problem-list-item" } ] } ],
              "code": { "text": "Undescended {{s.Side}} testis in childhood, operated" },
              "subject": {{s.Subject}},
              "onsetString": "at birth"
            }
            """);
        yield return s.Make("AllergyIntolerance", $"allergy-{s.Tag}", -390, $$"""
            {
              "clinicalStatus": { "coding": [ { "system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "code": "active" } ] },
              "verificationStatus": { "coding": [ { "system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification", "code": "confirmed" } ] },
              "type": "allergy", "category": [ "medication" ], "criticality": "high",
              "code": {{CaseStory.Concept("http://snomed.info/sct", "91936005", "Allergy to penicillin")}},
              "patient": {{s.Subject}}, "recordedDate": "{{s.Date(-390)}}",
              "reaction": [ { "manifestation": [ { "text": "Urticaria" } ], "severity": "moderate" } ]
            }
            """);
        yield return s.Make("MedicationRequest", $"ibuprofen-{s.Tag}", -30, $$"""
            {
              "status": "active", "intent": "order",
              "medicationCodeableConcept": {{CaseStory.Concept("http://www.nlm.nih.gov/research/umls/rxnorm", "5640", "ibuprofen")}},
              "subject": {{s.Subject}}, "authoredOn": "{{s.Date(-30)}}", "requester": { "reference": "Practitioner/gp-{{s.Tag}}" },
              "dosageInstruction": [ { "text": "400 mg up to three times a day, with food" , "doseAndRate": [ { "doseQuantity": { "value": 400.0, "unit": "mg", "system": "http://unitsofmeasure.org", "code": "mg" } } ] } ]
            }
            """);
        yield return s.Make("Immunization", $"flu-{s.Tag}", -380, $$"""
            { "status": "completed", "vaccineCode": {{CaseStory.Concept("http://hl7.org/fhir/sid/cvx", "140", "Influenza, seasonal, injectable, preservative free")}},
              "patient": {{s.Subject}}, "occurrenceDateTime": "{{s.Date(-380)}}", "primarySource": true }
            """);
        yield return s.Make("Procedure", $"orchidopexy-{s.Tag}", -400, $$"""
            { "status": "completed", "code": { "text": "Orchidopexy, {{s.Side}}" }, "subject": {{s.Subject}}, "performedDateTime": "{{s.Day.Year - s.Age + 2}}" }
            """);
        yield return s.Make("Observation", $"bp-{s.Tag}", -12, $$"""
            {
              "status": "final", "category": {{CaseStory.Category("vital-signs")}}, "code": {{CaseStory.Loinc("85354-9", "Blood pressure panel with all children optional")}},
              "subject": {{s.Subject}}, "encounter": { "reference": "Encounter/{{s.Encounter}}" }, "effectiveDateTime": "{{s.Local(-12, 8, 10)}}",
              "component": [
                { "code": {{CaseStory.Loinc("8480-6", "Systolic blood pressure")}}, "valueQuantity": { "value": {{112 + s.Dice.Next(25)}}, "unit": "mmHg", "system": "http://unitsofmeasure.org", "code": "mm[Hg]" } },
                { "code": {{CaseStory.Loinc("8462-4", "Diastolic blood pressure")}}, "valueQuantity": { "value": {{66 + s.Dice.Next(18)}}, "unit": "mmHg", "system": "http://unitsofmeasure.org", "code": "mm[Hg]" } } ]
            }
            """);
        yield return Vital(s, "pulse", "8867-4", "Heart rate", CaseStory.Number(60 + s.Dice.Next(25), 0), "/min");
        yield return Vital(s, "temperature", "8310-5", "Body temperature", CaseStory.Number(s.Dice.Between(36.2, 37.1), 1), "Cel");
        yield return Vital(s, "weight", "29463-7", "Body weight", CaseStory.Number(s.Dice.Between(64, 92), 2), "kg");
        yield return Vital(s, "height", "8302-2", "Body height", CaseStory.Number(170 + s.Dice.Next(22), 0) + ".0", "cm");
        yield return s.Make("Observation", $"smoking-{s.Tag}", -92, $$"""
            { "status": "final", "category": {{CaseStory.Category("social-history")}}, "code": {{CaseStory.Loinc("72166-2", "Tobacco smoking status")}},
              "subject": {{s.Subject}}, "effectiveDateTime": "{{s.Date(-92)}}", "valueCodeableConcept": { "text": "Never smoker" } }
            """);
        yield return s.Make("Observation", $"undated-{s.Tag}", -90, $$"""
            { "status": "final", "category": {{CaseStory.Category("exam")}}, "code": { "text": "Examination of the scrotum" }, "subject": {{s.Subject}},
              "valueString": "Firm, non-tender {{s.Side}} testis; no transillumination. Größe wie eine Walnuss \u2013 „hart“ \ud83e\ude7a" }
            """);
        var note = TinyPdf.Write("Urology clinic note (invented)", $"Firm {s.Side} testicular mass, {s.SizeMm} mm. Wants a second opinion", "before orchiectomy. Sperm banking discussed.");
        yield return s.Make("Binary", $"note-{s.Tag}", -12, $$"""{ "contentType": "application/pdf", "data": "{{Convert.ToBase64String(note)}}" }""");
        yield return s.Make("DocumentReference", $"clinicnote-{s.Tag}", -12, $$"""
            {
              "status": "current", "type": {{CaseStory.Loinc("11506-3", "Progress note")}}, "subject": {{s.Subject}}, "date": "{{s.Local(-12, 10)}}",
              "author": [ { "reference": "Practitioner/urologist-{{s.Tag}}" } ],
              "content": [ { "attachment": { "contentType": "application/pdf", "url": "Binary/note-{{s.Tag}}", "size": {{note.Length}}, "title": "Clinic note" } } ],
              "context": { "encounter": [ { "reference": "Encounter/{{s.Encounter}}" } ] }
            }
            """);
    }

    private static SyntheticResource Encounter(CaseStory s, string id, int day, string reason) => s.Make("Encounter", id, day, $$"""
        {
          "status": "finished", "class": { "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB" }, "subject": {{s.Subject}},
          "participant": [ { "individual": { "reference": "Practitioner/urologist-{{s.Tag}}" } } ],
          "period": { "start": "{{s.Local(day, 8)}}", "end": "{{s.Local(day, 8, 40)}}" }, "reasonCode": [ { "text": "{{reason}}" } ],
          "location": [ { "location": { "reference": "Location/ward-{{s.Tag}}" } } ], "serviceProvider": { "reference": "Organization/clinic-{{s.Tag}}" }
        }
        """);

    private static SyntheticResource Condition(CaseStory s, string id, string status, string icd, string display, int day) => s.Make("Condition", id, day, $$"""
        {
          "clinicalStatus": { "coding": [ { "system": "{{ClinicalStatus}}", "code": "{{status}}" } ] },
          "category": [ { "coding": [ { "system": "http://terminology.hl7.org/CodeSystem/condition-category", "code": "problem-list-item" } ] } ],
          "code": {{CaseStory.Concept("http://hl7.org/fhir/sid/icd-10-cm", icd, display)}},
          "subject": {{s.Subject}}, "onsetDateTime": "{{s.Date(day)}}", "recordedDate": "{{s.Date(day)}}", "recorder": { "reference": "Practitioner/gp-{{s.Tag}}" }
        }
        """);

    private static SyntheticResource Vital(CaseStory s, string name, string code, string display, string value, string unit) => s.Make("Observation", $"{name}-{s.Tag}", -12, $$"""
        {
          "status": "final", "category": {{CaseStory.Category("vital-signs")}}, "code": {{CaseStory.Loinc(code, display)}}, "subject": {{s.Subject}},
          "encounter": { "reference": "Encounter/{{s.Encounter}}" }, "effectiveDateTime": "{{s.Local(-12, 8, 10)}}",
          "valueQuantity": { "value": {{value}}, "unit": "{{unit}}", "system": "http://unitsofmeasure.org", "code": "{{unit}}" }
        }
        """);
}
