namespace ReferralService.Sandbox.SyntheticPatients;

/// <summary>The patient, those who treat him, their houses, and who pays.</summary>
internal static class CasePeople
{
    public static IEnumerable<SyntheticResource> Of(CaseStory s)
    {
        yield return s.Make("Patient", s.Patient, -400, $$"""
            {
              "text": {{CaseStory.Text($"{s.GivenName} {s.FamilyName}, invented")}},
              "identifier": [ { "use": "usual", "type": { "coding": [ { "system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR" } ] },
                                "system": "http://sandbox.example/mrn", "value": "MRN-{{s.Tag}}" } ],
              "active": true,
              "name": [ { "use": "official", "family": "{{s.FamilyName}}", "given": [ "{{s.GivenName}}" ] } ],
              "telecom": [ { "system": "phone", "value": "+1 555 0100", "use": "mobile" } ],
              "gender": "male",
              "birthDate": "{{s.Day.Year - s.Age}}-05-01",
              "_birthDate": { "extension": [ { "url": "http://hl7.org/fhir/StructureDefinition/patient-birthTime", "valueDateTime": "{{s.Day.Year - s.Age}}-05-01T04:35:00+02:00" } ] },
              "address": [ { "line": [ "1 Invented Way" ], "city": "Sandboxville", "postalCode": "00000" } ],
              "communication": [ { "language": { "coding": [ { "system": "urn:ietf:bcp:47", "code": "en" } ] }, "preferred": true } ],
              "generalPractitioner": [ { "reference": "Practitioner/gp-{{s.Tag}}" } ]
            }
            """);
        yield return Practitioner(s, $"gp-{s.Tag}", "Muster", "Ada");
        yield return Practitioner(s, $"urologist-{s.Tag}", "Hodge", "Priya");
        yield return Practitioner(s, $"radiologist-{s.Tag}", "Röntgen-Doe", "Max");
        yield return Organization(s, $"clinic-{s.Tag}", "Sandbox General, Urology Clinic", null);
        yield return Organization(s, $"payer-{s.Tag}", "Invented Mutual Health", null);
        yield return Organization(s, s.Performer.Id, s.Performer.Name, s.Performer.Npi);
        yield return s.Make("Location", $"ward-{s.Tag}", -400, $$"""
            { "status": "active", "name": "Urology outpatients, room 2", "managingOrganization": { "reference": "Organization/clinic-{{s.Tag}}" } }
            """);
        yield return s.Make("PractitionerRole", s.Requester, -400, $$"""
            {
              "active": true,
              "practitioner": { "reference": "Practitioner/urologist-{{s.Tag}}" },
              "organization": { "reference": "Organization/clinic-{{s.Tag}}" },
              "specialty": [ {{CaseStory.Concept("http://nucc.org/provider-taxonomy", "208800000X", "Urology Physician")}} ],
              "location": [ { "reference": "Location/ward-{{s.Tag}}" } ]
            }
            """);
        yield return s.Make("Coverage", $"coverage-{s.Tag}", -300, $$"""
            {
              "status": "active",
              "subscriberId": "INVENTED-{{s.Tag}}",
              "beneficiary": {{s.Subject}},
              "relationship": { "coding": [ { "system": "http://terminology.hl7.org/CodeSystem/subscriber-relationship", "code": "self" } ] },
              "period": { "start": "{{s.Date(-300)}}" },
              "payor": [ { "reference": "Organization/payer-{{s.Tag}}" } ]
            }
            """);
    }

    private static SyntheticResource Practitioner(CaseStory s, string id, string family, string given) => s.Make("Practitioner", id, -400, $$"""
        { "identifier": [ { "system": "http://sandbox.example/staff", "value": "{{id}}" } ], "active": true,
          "name": [ { "family": "{{family}}", "given": [ "{{given}}" ], "prefix": [ "Dr." ] } ] }
        """);

    /// <summary>Organization.identifier with a trailing comma; nothing when there is no NPI.</summary>
    public static string NpiElement(string? npi)
        => npi is null ? "" : $$""" "identifier": [ { "system": "http://hl7.org/fhir/sid/us-npi", "value": "{{npi}}" } ], """;

    private static SyntheticResource Organization(CaseStory s, string id, string name, string? npi)
        => s.Make("Organization", id, -400, $$"""{ {{NpiElement(npi)}} "active": true, "name": "{{name}}" }""");
}
