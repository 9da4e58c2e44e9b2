using System.Text.Json;
using System.Xml.Linq;
using ReferralService.Gathering;
using ReferralService.Ledger;

namespace ReferralService.Tests.Packaging;

internal sealed class NarrativeTests
{
    private static readonly string[] Hostile =
    [
        "<script>alert(1)</script>", "\"'>&lt;img src=x onerror=alert(1)>", "]]><!-- --><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>&e;",
        "\u0001\u0008\u000b\u001f\u007f\u0085 \uffff\ufffe\ufeff", "\u202eevil\u202c \u2066x\u2069", "שלום عليكم", "🩺🩺", "line\r\nbreak\ttab", "&#x0;&nbsp;",
    ];

    private static string Observation(string label, string rest = "") => $$"""
        {"resourceType":"Observation","id":"o","status":"final","code":{"text":{{JsonSerializer.Serialize(label)}}},"subject":{"reference":"Patient/p"}{{rest}}}
        """.Trim();

    private static async Task<string[]> Cells(string body, string section = "Results")
    {
        var package = await BuiltPackage.Of(new RecordBuilder().With(body), PackageForm.Document);
        return [.. BuiltPackage.Narrative(package.Section(section)).Descendants().Where(e => e.Name.LocalName == "td").Select(e => e.Value)];
    }

    [Test]
    public async Task Every_reason_for_a_gap_is_told_in_words()
    {
        foreach (var reason in typeof(GapReason).GetFields().Select(f => (string)f.GetValue(null)!))
        {
            var package = await BuiltPackage.Of(new RecordBuilder().Gap("Observation/x", reason), PackageForm.Document);

            var told = BuiltPackage.Narrative(package.Section("What is missing")).Descendants().First(e => e.Name.LocalName == "td").Value;
            Assert.That(told, Does.Contain(" ").And.Not.EqualTo(reason), reason);
        }
    }

    [Test]
    public async Task Whatever_a_label_holds_the_narrative_is_plain_well_formed_XHTML([ValueSource(nameof(Hostile))] string label)
    {
        var package = await BuiltPackage.Of(new RecordBuilder().With(Observation(label)), PackageForm.Document);
        XNamespace xhtml = "http://www.w3.org/1999/xhtml";

        var div = BuiltPackage.Narrative(package.Section("Results"));
        Assert.That(div.Name, Is.EqualTo(xhtml + "div"));
        Assert.That(div.Descendants().Select(e => e.Name.LocalName).Distinct(), Is.SubsetOf(new[] { "table", "thead", "tbody", "tr", "th", "td", "p", "ul", "li" }));
        Assert.That(div.DescendantsAndSelf().SelectMany(e => e.Attributes()).Where(a => !a.IsNamespaceDeclaration), Is.Empty);
    }

    [Test]
    public void It_is_the_JSON_that_a_writer_makes_of_its_XHTML([ValueSource(nameof(Hostile))] string label)
    {
        string text = $"{label} \\ {label}x";
        string xhtml = $"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>{text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;").Replace("\"", "&quot;")}</p></div>";
        var options = new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using var written = new MemoryStream();
        using (var json = new Utf8JsonWriter(written, options))
        {
            json.WriteStartObject();
            new ReferralService.Packaging.Authored.Narrative().Paragraph(text).WriteTo(json, JsonEncodedText.Encode("div"));
            json.WriteString("div", xhtml);
            json.WriteEndObject();
        }

        string both = System.Text.Encoding.UTF8.GetString(written.ToArray()), half = both[1..^1];
        Assert.That(half, Is.EqualTo($"{half[..((half.Length - 1) / 2)]},{half[..((half.Length - 1) / 2)]}"), "the same twice");
    }

    [TestCase("<b>&\"x\"</b>", "<b>&\"x\"</b>")]
    [TestCase("שלום", "שלום")]
    [TestCase("a\r\n\tb", "a b")]
    [TestCase("\u202eevil", "evil")]
    public async Task A_label_reads_as_it_was_written(string label, string read) => Assert.That((await Cells(Observation(label)))[0], Is.EqualTo(read));

    [Test]
    public async Task A_huge_label_is_cut_in_the_narrative_and_whole_in_the_resource()
    {
        string body = Observation(new string('x', 150) + string.Concat(Enumerable.Repeat("🩺", 500_000)));
        var package = await BuiltPackage.Of(new RecordBuilder().With(body), PackageForm.Document);

        Assert.That(package.Raw("Observation", "o"), Is.EqualTo(body));
        Assert.That(BuiltPackage.Narrative(package.Section("Results")).Value, Has.Length.LessThan(300).And.Contains("🩺…"));
    }

    [TestCase(",\"valueQuantity\":{\"value\":1.00,\"unit\":\"ng/mL\"}", "1.00 ng/mL")]
    [TestCase(",\"valueQuantity\":{\"value\":5,\"comparator\":\"<\",\"code\":\"mg\"}", "<5 mg")]
    [TestCase(",\"valueQuantity\":{\"value\":9,\"unit\":\"U\"},\"interpretation\":[{\"coding\":[{\"code\":\"H\",\"display\":\"High\"}]}]", "9 U (High)")]
    [TestCase(",\"valueCodeableConcept\":{\"coding\":[{\"code\":\"c\",\"display\":\"Positive\"},{\"display\":\"Other\"}]}", "Positive")]
    [TestCase(",\"valueString\":\"clear\"", "clear")]
    [TestCase(",\"valueBoolean\":true", "yes")]
    [TestCase(",\"valueRange\":{\"low\":{\"value\":1},\"high\":{\"value\":2,\"unit\":\"mm\"}}", "1 – 2 mm")]
    [TestCase(",\"valueRatio\":{\"numerator\":{\"value\":1},\"denominator\":{\"value\":128}}", "1 / 128")]
    [TestCase(",\"component\":[{\"code\":{\"text\":\"Systolic\"},\"valueQuantity\":{\"value\":120,\"unit\":\"mmHg\"}},{\"code\":{\"text\":\"Diastolic\"},\"valueQuantity\":{\"value\":80,\"unit\":\"mmHg\"}}]", "Systolic 120 mmHg; Diastolic 80 mmHg")]
    [TestCase(",\"dataAbsentReason\":{\"text\":\"sample lost\"}", "sample lost")]
    public async Task A_result_reads_as_a_person_would_say_it(string element, string read) => Assert.That((await Cells(Observation("a", element)))[1], Is.EqualTo(read));

    [Test]
    public async Task A_line_says_what_when_result_and_status()
    {
        string[] cells = await Cells(Observation("AFP", ",\"effectiveDateTime\":\"2026-02-03T04:05:06.789+01:00\",\"valueQuantity\":{\"value\":12,\"unit\":\"ng/mL\"}"));

        Assert.That(cells, Is.EqualTo(new[] { "AFP", "2026-02-03 04:05 +01:00", "12 ng/mL", "final" }));
    }

    [TestCase(",\"code\":7,\"effectiveDateTime\":{\"a\":[1]},\"valueQuantity\":\"x\",\"interpretation\":[[null]],\"component\":{\"code\":[]}", TestName = "Wrong shapes everywhere")]
    [TestCase(",\"valueSampledData\":{\"origin\":{\"value\":0},\"period\":10,\"dimensions\":1,\"data\":\"2 3\"}", TestName = "A value nobody can say in a word")]
    public async Task What_is_not_shaped_as_R4_says_still_travels(string elements)
    {
        string body = $$"""{"resourceType":"Observation","id":"o","subject":{"reference":"Patient/p"}{{elements}}}""";
        var package = await BuiltPackage.Of(new RecordBuilder().With(body), PackageForm.Document);

        Assert.That(package.Raw("Observation", "o"), Is.EqualTo(body));
    }

    [Test]
    public async Task A_long_section_names_every_entry_and_shows_the_first_two_hundred()
    {
        string[] many = [.. Enumerable.Range(0, 230).Select(i => Observation("a").Replace("\"id\":\"o\"", $"\"id\":\"o{i}\""))];
        var package = await BuiltPackage.Of(new RecordBuilder().With(many), PackageForm.Document);
        var narrative = BuiltPackage.Narrative(package.Section("Results"));

        Assert.That(package.Named("Results"), Has.Count.EqualTo(230));
        Assert.That(narrative.Descendants().Count(e => e.Name.LocalName == "tr"), Is.EqualTo(201));
        Assert.That(narrative.Value, Does.EndWith("… and 30 more"));
    }

    [Test]
    public async Task The_reason_section_says_what_is_asked_and_why()
    {
        string order = RecordBuilder.Order.Trim().Replace("\"authoredOn\"", "\"note\":[{\"text\":\"Please call\"}],\"reasonReference\":[{\"reference\":\"Condition/c\"}],\"authoredOn\"");
        var package = await BuiltPackage.Of(
            new RecordBuilder().Without(RecordBuilder.Order)
                .With(order, """{"resourceType":"Condition","id":"c","code":{"text":"Mass of left testis"},"subject":{"reference":"Patient/p"},"onsetDateTime":"2026-04"}"""),
            PackageForm.Document);

        string text = BuiltPackage.Narrative(package.Section("Reason for referral")).Value;
        Assert.That(text, Does.Contain("Second opinion, urology").And.Contains("Testicular mass").And.Contains("Note: Please call")
            .And.Contains("Because of: Mass of left testis, 2026-04"));
    }

    [Test]
    public async Task What_is_missing_is_counted_by_why_and_by_type()
    {
        var package = await BuiltPackage.Of(
            new RecordBuilder().Gap("Observation/1", "not-found").Gap("Observation/2", "not-found").Gap("https://x.example.org/Binary/9", "not-found")
                .Gap("DiagnosticReport?search.report", "forbidden"),
            PackageForm.Document);
        var section = package.Section("What is missing");

        Assert.That(section.TryGetProperty("entry", out _), Is.False);
        Assert.That(BuiltPackage.Narrative(section).Descendants().Where(e => e.Name.LocalName == "td").Select(e => e.Value), Is.EqualTo(new[]
        {
            "the EHR does not let us read it", "1 DiagnosticReport", "not found at the EHR", "1 Binary, 2 Observation",
        }));
    }

    [Test]
    public async Task What_two_ways_led_to_is_missing_once()
    {
        var package = await BuiltPackage.Of(
            new RecordBuilder().Gap("Observation/1", "cancelled", "order.supportingInfo").Gap($"{RecordBuilder.Ehr}/Observation/1", "cancelled", "search.Observation").Gap("Observation/2", "cancelled", "search.Observation")
                .Gap("https://files.example.org/a.pdf", "no-content", "DocumentReference.content.attachment").Gap("https://files.example.org/a.pdf", "no-content", "DiagnosticReport.presentedForm")
                .Gap("Practitioner?conditional", "conditional", "order.requester").Gap("Practitioner?conditional", "conditional", "Observation.performer"),
            PackageForm.Document);

        Assert.That(BuiltPackage.Narrative(package.Section("What is missing")).Descendants().Where(e => e.Name.LocalName == "td").Select(e => e.Value), Is.EqualTo(new[]
        {
            "cancelled; left out", "2 Observation", "named by a search instead of an address; not looked up", "2 Practitioner", "a file whose content was not given", "1 other",
        }));
        Assert.That(BuiltPackage.Narrative(package.Composition).Value, Does.Contain("Left out or missing: 5;"));
        Assert.That(package.Manifest.Omitted, Has.Count.EqualTo(7), "the manifest tells each way");
    }

    [Test]
    public async Task What_was_not_asked_for_is_told_in_words_and_not_counted_as_missing()
    {
        var package = await BuiltPackage.Of(
            new RecordBuilder()
                .Gap("Observation?date=lt2024-11-23", "outside-window", "search.Observation")
                .Gap("DiagnosticReport?date=lt2024-11-03", "outside-window", "search.DiagnosticReport")
                .Gap("Condition?clinical-status=inactive,remission,resolved", "not-current", "search.Condition")
                .Gap("MedicationRequest?status=on-hold,entered-in-error", "not-current", "search.MedicationRequest")
                .Gap("DocumentReference?status=superseded,entered-in-error", "not-current", "search.DocumentReference"),
            PackageForm.Document);
        var narrative = BuiltPackage.Narrative(package.Section("What is missing"));

        Assert.That(narrative.Descendants().Where(e => e.Name.LocalName == "li").Select(e => e.Value), Is.EqualTo(new[]
        {
            "Conditions that are inactive, in remission or resolved were not asked for.",
            "Reports before 3 November 2024 were not asked for.",
            "Documents that are superseded or entered in error were not asked for.",
            "Medication requests that are on hold or entered in error were not asked for.",
            "Results before 23 November 2024 were not asked for.",
        }));
        Assert.That(narrative.Value, Does.Not.Contain("Known to be missing"));
        Assert.That(package.Manifest.Omitted, Has.Count.EqualTo(5));
    }

    [Test]
    public async Task What_was_not_asked_for_stands_beside_what_did_not_come()
    {
        var package = await BuiltPackage.Of(
            new RecordBuilder().Gap("Observation?date=lt2024-11-23", "outside-window", "search.Observation").Gap("Observation/1", "not-found").Gap("Condition/2", "not-current"), PackageForm.Document);
        var narrative = BuiltPackage.Narrative(package.Section("What is missing"));

        Assert.That(narrative.Value, Does.Contain("Results before 23 November 2024 were not asked for.").And.Contains("Known to be missing"));
        Assert.That(narrative.Descendants().Where(e => e.Name.LocalName == "td").Select(e => e.Value), Is.EqualTo(new[] { "no longer current; left out", "1 Condition", "not found at the EHR", "1 Observation" }));
    }
}
