namespace ReferralService.Sandbox.SyntheticPatients;

/// <summary>Tumour markers over three months, blood counts, kidney function: each draw a specimen, its results and a report.</summary>
internal static class CaseLaboratory
{
    public static IEnumerable<SyntheticResource> Of(CaseStory s)
    {
        var (afp, hcg, ldh) = (s.Dice.Between(2, 6), s.Dice.Between(0.8, 2), s.Dice.Between(170, 215));
        for (var draw = 0; draw < s.Draws.Count; draw++)
        {
            var day = s.Draws[draw];
            var specimen = $"blood{draw}-{s.Tag}";
            yield return s.Make("Specimen", specimen, day, $$"""
                { "status": "available", "type": { "text": "Venous blood" }, "subject": {{s.Subject}}, "collection": { "collectedDateTime": "{{s.Local(day, 7, 50)}}" } }
                """);
            var results = new List<SyntheticResource>
            {
                Result(s, $"afp{draw}", day, specimen, "1834-1", "Alpha-1-Fetoprotein [Mass/volume] in Serum or Plasma", CaseStory.Number(afp, 2), "ng/mL", "8.00"),
                Result(s, $"hcg{draw}", day, specimen, "19080-1", "Choriogonadotropin [Units/volume] in Serum or Plasma", CaseStory.Number(hcg, 1), "m[IU]/mL", "2.0"),
                Result(s, $"ldh{draw}", day, specimen, "14804-9", "Lactate dehydrogenase [Enzymatic activity/volume] in Serum or Plasma by Lactate to pyruvate reaction", CaseStory.Number(ldh, 0), "U/L", "225"),
            };
            foreach (var result in results) yield return result;
            yield return Report(s, $"markers{draw}", day, specimen, $"Tumour markers, draw {draw + 1}", results);
            if (draw % 2 == 0)
            {
                foreach (var resource in BloodCount(s, draw, day, specimen)) yield return resource;
            }
            afp *= s.Seminoma ? s.Dice.Between(0.95, 1.05) : s.Dice.Between(1.9, 3.1);
            hcg *= s.Dice.Between(1.3, 2.4);
            ldh *= s.Dice.Between(1.02, 1.22);
        }
    }

    private static IEnumerable<SyntheticResource> BloodCount(CaseStory s, int draw, int day, string specimen)
    {
        SyntheticResource[] members =
        [
            Result(s, $"wbc{draw}", day, specimen, "6690-2", "Leukocytes [#/volume] in Blood by Automated count", CaseStory.Number(s.Dice.Between(4.5, 9.8), 2), "10*3/uL", "11.00"),
            Result(s, $"hgb{draw}", day, specimen, "718-7", "Hemoglobin [Mass/volume] in Blood", CaseStory.Number(s.Dice.Between(13.6, 16.4), 1), "g/dL", "17.5"),
            Result(s, $"plt{draw}", day, specimen, "777-3", "Platelets [#/volume] in Blood by Automated count", CaseStory.Number(180 + s.Dice.Next(160), 0), "10*3/uL", "400"),
        ];
        var creatinine = Result(s, $"creatinine{draw}", day, specimen, "2160-0", "Creatinine [Mass/volume] in Serum or Plasma", "1.00", "mg/dL", "1.30");
        var panel = s.Make("Observation", $"cbc{draw}-{s.Tag}", day, $$"""
            {
              "status": "final", "category": {{CaseStory.Category("laboratory")}}, "code": {{CaseStory.Loinc("58410-2", "CBC panel - Blood by Automated count")}},
              "subject": {{s.Subject}}, "effectiveDateTime": "{{s.Local(day, 7, 50)}}", "specimen": { "reference": "Specimen/{{specimen}}" },
              "hasMember": [ {{References(members)}} ]
            }
            """);
        return [.. members, creatinine, panel, Report(s, $"blood{draw}", day, specimen, "Blood count and creatinine", [panel, creatinine])];
    }

    private static SyntheticResource Result(CaseStory s, string name, int day, string specimen, string code, string display, string value, string unit, string high)
        => s.Make("Observation", $"{name}-{s.Tag}", day, $$"""
            {
              "identifier": [ { "system": "http://sandbox.example/results", "value": "{{name}}-{{s.Tag}}" } ],
              "status": "final", "category": {{CaseStory.Category("laboratory")}}, "code": {{CaseStory.Loinc(code, display)}}, "subject": {{s.Subject}},
              "effectiveDateTime": "{{s.Local(day, 7, 50)}}", "issued": "{{s.Local(day, 9)}}", "performer": [ { "reference": "Organization/clinic-{{s.Tag}}" } ],
              "valueQuantity": { "value": {{value}}, "unit": "{{unit}}", "system": "http://unitsofmeasure.org", "code": "{{unit}}" },
              "specimen": { "reference": "Specimen/{{specimen}}" },
              "referenceRange": [ { "high": { "value": {{high}}, "unit": "{{unit}}", "system": "http://unitsofmeasure.org", "code": "{{unit}}" } } ]
            }
            """);

    private static SyntheticResource Report(CaseStory s, string name, int day, string specimen, string title, IReadOnlyList<SyntheticResource> results)
        => s.Make("DiagnosticReport", $"{name}-{s.Tag}", day, $$"""
            {
              "status": "final", "category": [ { "coding": [ { "system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "LAB" } ] } ],
              "code": { "text": "{{title}}" }, "subject": {{s.Subject}}, "effectiveDateTime": "{{s.Local(day, 7, 50)}}", "issued": "{{s.Local(day, 9)}}",
              "performer": [ { "reference": "Organization/clinic-{{s.Tag}}" } ], "specimen": [ { "reference": "Specimen/{{specimen}}" } ],
              "result": [ {{References(results)}} ]
            }
            """);

    private static string References(IEnumerable<SyntheticResource> resources) => string.Join(", ", resources.Select(r => $$"""{ "reference": "{{r.Key}}" }"""));
}
