namespace ReferralService.Sandbox.SyntheticPatients;

/// <summary>What stands in a record and has no place in this referral: too old, replaced by newer, of no use, an error, or not to be sent at all.</summary>
internal static class CaseClutter
{
    public static IEnumerable<SyntheticResource> Of(CaseStory s)
    {
        for (var visit = 1; visit <= 3; visit++) yield return Weight(s, visit);
        yield return Result(s, "cholesterol", -1500, "final", "laboratory", CaseStory.Loinc("2093-3", "Cholesterol [Mass/volume] in Serum or Plasma"));
        yield return Result(s, "mixup", -20, "entered-in-error", "laboratory", CaseStory.Loinc("1834-1", "Alpha-1-Fetoprotein [Mass/volume] in Serum or Plasma"));
        yield return Result(s, "steps", -15, "final", "activity", CaseStory.Loinc("41950-7", "Number of steps in 24 hour Measured"));
        yield return s.Make("DocumentReference", $"session-{s.Tag}", -40, $$"""
            {
              "status": "current", "type": { "text": "Psychotherapy note" }, "subject": {{s.Subject}}, "date": "{{s.Local(-40, 16)}}",
              "content": [ { "attachment": { "contentType": "text/plain", "data": "SW52ZW50ZWQu", "title": "Session" } } ]
            }
            """);
    }

    private static SyntheticResource Weight(CaseStory s, int visit) => s.Make("Observation", $"weight{visit}-{s.Tag}", -100 * visit, $$"""
        {
          "status": "final", "category": {{CaseStory.Category("vital-signs")}}, "code": {{CaseStory.Loinc("29463-7", "Body weight")}}, "subject": {{s.Subject}},
          "effectiveDateTime": "{{s.Local(-100 * visit, 8, 10)}}", "valueQuantity": { "value": {{70 + visit}}.0, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg" }
        }
        """);

    private static SyntheticResource Result(CaseStory s, string name, int day, string status, string category, string code) => s.Make("Observation", $"{name}-{s.Tag}", day, $$"""
        {
          "status": "{{status}}", "category": {{CaseStory.Category(category)}}, "code": {{code}}, "subject": {{s.Subject}},
          "effectiveDateTime": "{{s.Local(day, 8)}}", "valueQuantity": { "value": 180, "unit": "1", "system": "http://unitsofmeasure.org", "code": "1" }
        }
        """);
}
