using System.Globalization;
using System.Text;

namespace ReferralService.Sandbox.SyntheticPatients;

/// <summary>How large a generated record is.</summary>
/// <param name="Resources">Observations and reports, about 2 kB each; every tenth is a report of the results before it.</param>
/// <param name="Attachments">Documents, each a DocumentReference and its Binary.</param>
/// <param name="AttachmentBytes">Of each document's content, before base64.</param>
internal sealed record RecordSize(int Resources, int Attachments = 0, int AttachmentBytes = 0);

/// <summary>Makes any number of patients' records of any size, one resource at a time; the same seed gives the same bytes.</summary>
internal sealed class RecordGenerator(int seed, DateTimeOffset day)
{
    private static readonly (string Code, string Display, string Unit)[] Tests =
    [
        ("1834-1", "Alpha-1-Fetoprotein [Mass/volume] in Serum or Plasma", "ng/mL"), ("2160-0", "Creatinine [Mass/volume] in Serum or Plasma", "mg/dL"),
        ("718-7", "Hemoglobin [Mass/volume] in Blood", "g/dL"), ("14804-9", "Lactate dehydrogenase [Enzymatic activity/volume] in Serum or Plasma by Lactate to pyruvate reaction", "U/L"),
    ];

    private static readonly string Filler = string.Concat(Enumerable.Repeat("Invented remark for size; prüfe Umlaute – und Gedankenstriche. ", 20));

    /// <summary>A patient, the organization asked, the record, and last the order <c>ServiceRequest/order-{number}</c>.</summary>
    /// <param name="number">Distinguishes the records of one generator.</param>
    public IEnumerable<SyntheticResource> Record(int number, RecordSize size, CasePerformer? performer = null)
    {
        performer ??= CasePerformer.UrologyEast;
        yield return Make("Patient", $"g{number}", -700, $$"""{ "active": true, "name": [ { "family": "Generated", "given": [ "Nr. {{number}}" ] } ], "gender": "male", "birthDate": "1995-01-01" }""");
        yield return Make("Organization", performer.Id, -700,
            $$"""{ {{CasePeople.NpiElement(performer.Npi)}} "active": true, "name": "{{performer.Name}}" }""");
        foreach (var resource in Results(number, size.Resources)) yield return resource;
        foreach (var resource in Documents(number, size)) yield return resource;
        yield return Make("ServiceRequest", $"order-{number}", 0, $$"""
            { "status": "active", "intent": "order", "code": { "text": "Second opinion" }, "subject": { "reference": "Patient/g{{number}}" },
              "performer": [ { "reference": "Organization/{{performer.Id}}" } ],
              "reasonCode": [ {{CaseStory.Concept("http://terminology.hl7.org/CodeSystem/v2-0336", "S", "Second Opinion")}} ] }
            """);
    }

    /// <summary>Patients without orders, numbered from a million: what a search must not give away.</summary>
    public IEnumerable<SyntheticResource> Noise(int patients, int resourcesEach)
    {
        for (var number = 1_000_000; number < 1_000_000 + patients; number++)
        {
            yield return Make("Patient", $"g{number}", -700, """{ "active": true, "name": [ { "family": "Bystander" } ], "gender": "unknown" }""");
            foreach (var resource in Results(number, resourcesEach)) yield return resource;
        }
    }

    private IEnumerable<SyntheticResource> Results(int number, int count)
    {
        var dice = new Seeded(seed * 1_000_003L + number);
        var since = new List<string>();
        for (var i = 0; i < count; i++)
        {
            var days = -1 - dice.Next(600);
            var when = day.AddDays(days).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
            if (i % 10 == 9)
            {
                var results = string.Join(", ", since.Select(id => $$"""{ "reference": "Observation/{{id}}" }"""));
                since.Clear();
                yield return Make("DiagnosticReport", $"g{number}-r{i}", days, $$"""
                    { "status": "final", "category": [ { "coding": [ { "system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "LAB" } ] } ], "code": { "text": "Report {{i}}" },
                      "subject": { "reference": "Patient/g{{number}}" }, "effectiveDateTime": "{{when}}", "conclusion": "{{Filler}}", "result": [ {{results}} ] }
                    """);
                continue;
            }
            var (code, display, unit) = dice.Of(Tests);
            since.Add($"g{number}-o{i}");
            yield return Make("Observation", $"g{number}-o{i}", days, $$"""
                { "status": "final", "category": {{CaseStory.Category("laboratory")}}, "code": {{CaseStory.Loinc(code, display)}}, "subject": { "reference": "Patient/g{{number}}" },
                  "effectiveDateTime": "{{when}}", "valueQuantity": { "value": {{CaseStory.Number(dice.Between(0, 300), 2)}}, "unit": "{{unit}}", "system": "http://unitsofmeasure.org", "code": "{{unit}}" },
                  "note": [ { "text": "{{Filler}}" } ] }
                """);
        }
    }

    private IEnumerable<SyntheticResource> Documents(int number, RecordSize size)
    {
        for (var i = 0; i < size.Attachments; i++)
        {
            var content = new byte[size.AttachmentBytes];
            new Seeded(seed * 7_000_003L + number * 1009L + i).Fill(content);
            // Written without a JSON library: an attachment may be a gigabyte.
            var id = $"g{number}-b{i}";
            var updated = Repository.StoredResource.Instant(day.AddDays(-5));
            yield return new SyntheticResource($"Binary/{id}", Encoding.ASCII.GetBytes(
                $$$"""{"resourceType":"Binary","id":"{{{id}}}","meta":{"versionId":"1","lastUpdated":"{{{updated}}}"},"contentType":"application/octet-stream","data":"{{{Convert.ToBase64String(content)}}}"}"""));
            yield return Make("DocumentReference", $"g{number}-d{i}", -5, $$"""
                { "status": "current", "type": { "text": "Document {{i}}" }, "subject": { "reference": "Patient/g{{number}}" }, "date": "{{Repository.StoredResource.Instant(day.AddDays(-5))}}",
                  "content": [ { "attachment": { "contentType": "application/octet-stream", "url": "Binary/{{id}}", "size": {{content.Length}} } } ] }
                """);
        }
    }

    private SyntheticResource Make(string type, string id, int days, string template) => SyntheticResource.Of(type, id, day.AddDays(days), template);
}
