using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ReferralService.Sandbox.SyntheticPatients;

namespace ReferralService.Tests.Sandbox;

public sealed partial class SyntheticPatientTests
{
    private static readonly DateTimeOffset Day = new(2026, 11, 22, 15, 0, 0, TimeSpan.Zero);

    [Test]
    public void The_same_seed_and_day_give_the_same_bytes()
    {
        var (first, again, other) = (Bytes(7), Bytes(7), Bytes(8));

        Assert.That(again, Is.EqualTo(first));
        Assert.That(other, Is.Not.EqualTo(first));
    }

    [Test]
    public void Every_reference_of_a_case_leads_to_one_of_its_resources([Range(1, 20)] int seed)
    {
        var whole = Whole(seed);
        var keys = whole.Select(r => r.Key).ToHashSet();

        var dangling = whole.SelectMany(r => Literal().Matches(Text(r)).Select(m => m.Groups[1].Value)).Where(key => !keys.Contains(key));

        Assert.That(keys, Has.Count.EqualTo(whole.Count));
        Assert.That(dangling, Is.Empty);
    }

    [Test]
    public void The_markers_rise_over_the_months_in_their_LOINC_codes()
    {
        var story = Whole(3).Where(r => r.Type == "Observation").Select(r => JsonDocument.Parse(r.Utf8).RootElement).ToList();

        foreach (var code in new[] { "1834-1", "19080-1", "14804-9" })
        {
            var series = story.Where(o => o.GetProperty("code").TryGetProperty("coding", out var c) && c[0].GetProperty("code").GetString() == code)
                .OrderBy(o => o.GetProperty("effectiveDateTime").GetString(), StringComparer.Ordinal).ToList();
            Assert.That(series, Has.Count.AtLeast(4), code);
            Assert.That(Value(series[^1]), Is.GreaterThan(Value(series[0])), code);
        }
    }

    [Test]
    public void The_order_asks_for_a_second_opinion_of_its_performer()
    {
        using var order = JsonDocument.Parse(SecondOpinionCase.Create(3, Day, CasePerformer.UrologyEast).Order.Utf8);

        var reason = order.RootElement.GetProperty("reasonCode")[0].GetProperty("coding")[0];
        Assert.That((reason.GetProperty("system").GetString(), reason.GetProperty("code").GetString()), Is.EqualTo(("http://terminology.hl7.org/CodeSystem/v2-0336", "S")));
        Assert.That(order.RootElement.GetProperty("performer")[0].GetProperty("reference").GetString(), Is.EqualTo("Organization/uro-east"));
    }

    [TestCase("\"value\":1.00,")]
    [TestCase("\"_birthDate\":{")]
    [TestCase("\"contained\": [")]
    [TestCase(@"\uD83E\uDE7A")]
    [TestCase("Größe")]
    public void A_case_has_its_odd_but_valid_spots(string spot)
        => Assert.That(Whole(3).Any(r => Text(r).Contains(spot, StringComparison.Ordinal)), Is.True);

    [Test]
    public void The_ultrasound_report_carries_a_PDF_whose_cross_references_are_right()
    {
        using var report = JsonDocument.Parse(Whole(3).Single(r => r.Key == "DiagnosticReport/us-s3").Utf8);
        var pdf = Encoding.Latin1.GetString(report.RootElement.GetProperty("presentedForm")[0].GetProperty("data").GetBytesFromBase64());

        Assert.That(pdf, Does.StartWith("%PDF-1.4\n").And.EndWith("%%EOF\n"));
        var offsets = Offset().Matches(pdf).Select(m => int.Parse(m.Groups[1].Value)).ToList();
        Assert.That(offsets.Select((at, i) => pdf[at..].StartsWith($"{i + 1} 0 obj", StringComparison.Ordinal)), Has.All.True.And.Exactly(5).Items);
    }

    [Test]
    public void A_generated_record_has_the_size_asked_for_and_no_loose_end()
    {
        var record = new RecordGenerator(1, Day).Record(4, new RecordSize(100, Attachments: 2, AttachmentBytes: 30_000)).ToList();

        var results = record.Where(r => r.Type is "Observation" or "DiagnosticReport").ToList();
        var keys = record.Select(r => r.Key).ToHashSet();
        Assert.That(results, Has.Count.EqualTo(100));
        Assert.That(results.Average(r => r.Utf8.Length), Is.InRange(1500, 2500));
        Assert.That(record.Where(r => r.Type == "Binary").Select(r => JsonDocument.Parse(r.Utf8).RootElement.GetProperty("data").GetBytesFromBase64().Length), Is.EqualTo(new[] { 30_000, 30_000 }));
        Assert.That(record.SelectMany(r => Literal().Matches(Text(r)).Select(m => m.Groups[1].Value)).Where(k => !keys.Contains(k)), Is.Empty);
        Assert.That(record[^1].Key, Is.EqualTo("ServiceRequest/order-4"));
    }

    private static List<SyntheticResource> Whole(int seed)
    {
        var story = SecondOpinionCase.Create(seed, Day, CasePerformer.UrologyEast);
        return [.. story.Record, story.Order];
    }

    private static byte[] Bytes(int seed) => [.. Whole(seed).SelectMany(r => r.Utf8.ToArray())];

    private static string Text(SyntheticResource resource) => Encoding.UTF8.GetString(resource.Utf8.Span);

    private static double Value(JsonElement observation) => observation.GetProperty("valueQuantity").GetProperty("value").GetDouble();

    [GeneratedRegex("\"(?:reference|url)\": ?\"([A-Z][A-Za-z]+/[^\"]+)\"")]
    private static partial Regex Literal();

    [GeneratedRegex(@"(\d{10}) 00000 n ")]
    private static partial Regex Offset();
}
