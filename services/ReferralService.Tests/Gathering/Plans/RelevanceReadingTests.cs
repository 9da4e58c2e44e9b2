using ReferralService.Gathering.Plans;

namespace ReferralService.Tests.Gathering.Plans;

public sealed class RelevanceReadingTests
{
    [TestCase("Observation", "\"effectiveDateTime\": \"2026-01-02T03:04:05+02:00\", \"issued\": \"2026-02-02T00:00:00Z\"", "2026-01-02")]
    [TestCase("Observation", "\"issued\": \"2026-02-02T00:00:00Z\", \"effectiveInstant\": \"2026-01-02T00:00:00Z\"", "2026-01-02")]
    [TestCase("DiagnosticReport", "\"effectivePeriod\": { \"start\": \"2026-01-01\", \"end\": \"2026-01-05\" }", "2026-01-05")]
    [TestCase("Condition", "\"recordedDate\": \"2026-03-01\", \"onsetDateTime\": \"2020\"", "2026-03-01")]
    [TestCase("Condition", "\"onsetPeriod\": { \"start\": \"2020-05\" }", "2020-05")]
    [TestCase("Procedure", "\"performedDateTime\": \"2019\"", "2019")]
    [TestCase("Immunization", "\"occurrenceDateTime\": \"2021-10-10\", \"recorded\": \"2022-01-01\"", "2021-10-10")]
    [TestCase("ImagingStudy", "\"started\": \"2021-10-10T08:00:00Z\"", "2021-10-10")]
    [TestCase("MedicationStatement", "\"dateAsserted\": \"2021-10-10\"", "2021-10-10")]
    [TestCase("Specimen", "\"receivedTime\": \"2021-10-11\", \"collection\": { \"collectedPeriod\": { \"start\": \"2021-10-10\", \"end\": \"2021-10-10\" } }", "2021-10-10")]
    [TestCase("Observation", "\"effectiveDateTime\": 5, \"issued\": [ {} ]", null)]
    [TestCase("Observation", "\"effectiveTiming\": { \"event\": [ \"2026-01-01\" ] }", null)]
    public void The_date_is_when_it_happened_else_when_it_was_written(string type, string dates, string? day)
        => Assert.That(Make.Facts("1", $$"""{ "resourceType": "{{type}}", {{dates}} }""").When?.Day, Is.EqualTo(day));

    [Test]
    public void A_bare_year_is_never_newer_than_a_day_in_it()
        => Assert.That(PlanDate.Of("2026")?.Earliest, Is.LessThan(PlanDate.Of("2026-01-02")!.Value.Earliest));

    [Test]
    public void Codes_texts_and_categories_are_read_and_nothing_deeper()
    {
        var facts = Make.Facts("1", """
            { "resourceType": "Observation", "contained": [ { "resourceType": "Specimen", "id": "s", "type": { "text": "deeper" } } ],
              "category": { "coding": [ { "code": "exam", "display": "Exam" } ] },
              "code": { "extension": [ { "url": "u", "valueCode": "x" } ], "coding": [ { "system": "s", "code": "c", "display": "first" }, { "system": "t", "code": "d" }, { "display": "bare" } ], "text": "said" },
              "method": { "text": "deeper" }, "status": "preliminary" }
            """);

        Assert.Multiple(() =>
        {
            Assert.That(facts.Codes.Select(c => $"{c.System}|{c.Code}"), Is.EqualTo(new[] { "s|c", "t|d" }));
            Assert.That(facts.Categories.Select(c => c.Code), Is.EqualTo(new[] { "exam" }));
            Assert.That(facts.Texts, Is.EqualTo(new[] { "Exam", "first", "bare", "said" }));
            Assert.That(facts.Status, Is.EqualTo("preliminary"));
        });
    }

    [Test]
    public void Values_of_components_keep_their_own_codes()
        => Assert.That(
            Make.Facts("1", Make.Pressure(-1, 190, 90)).Results.Select(r => $"{r.Codes![0].Code} {r.Number} {r.UnitCode}"),
            Is.EqualTo(new[] { "8480-6 190 mm[Hg]", "8462-4 90 mm[Hg]" }));

    [TestCase("\"presentedForm\": [ {} ]", true, false)]
    [TestCase("\"presentedForm\": [ ]", false, false)]
    [TestCase("\"imagingStudy\": [ { \"reference\": \"ImagingStudy/1\" } ]", false, true)]
    public void Files_and_images_are_seen(string member, bool file, bool images)
        => Assert.That(Make.Facts("1", $$"""{ "resourceType": "DiagnosticReport", {{member}} }"""), Has.Property("HasFile").EqualTo(file).And.Property("HasImages").EqualTo(images));

    [TestCase("\"code\": \"text\", \"category\": 5, \"valueQuantity\": \"no\", \"component\": {}, \"collection\": [ 1 ], \"effectivePeriod\": [ [ ] ]")]
    [TestCase("\"code\": [ [ { \"coding\": 1 } ], null ], \"valueQuantity\": { \"value\": 1e400, \"unit\": {} }, \"interpretation\": true, \"content\": null")]
    public void Elements_of_the_wrong_shape_are_passed_over(string members)
    {
        var facts = Make.Facts("1", $$"""{ "resourceType": "Observation", {{members}}, "status": "final" }""");

        Assert.That(facts, Has.Property("Status").EqualTo("final").And.Property("Codes").Empty.And.Property("Results").Empty.And.Property("When").Null);
    }
}
