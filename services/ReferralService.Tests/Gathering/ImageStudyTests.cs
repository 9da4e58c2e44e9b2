using System.Text.Json.Nodes;
using ReferralService.Fhir.Resources;
using ReferralService.Gathering;
using ReferralService.Gathering.Plans;
using ReferralService.Tests.Gathering.Plans;

namespace ReferralService.Tests.Gathering;

/// <summary>A report that a plan wants with its images has them, whether it names the study or not; and nobody's keys travel with them.</summary>
public sealed class ImageStudyTests
{
    private const string Subject = "\"subject\":{\"reference\":\"Patient/p1\"}";
    private const string Item = "plan:own-plan/ct";

    /// <summary>The plan wants CT reports with images, and does not ask for studies by themselves.</summary>
    private static async Task<GatherBench> BenchAsync(PlanFolder folder, string report = "", string study = "", params string[] more)
    {
        var plan = PlanFolder.Plan();
        plan["must"] = JsonNode.Parse("""[{"id":"ct","label":"CT with images","types":["DiagnosticReport"],"words":["ct abdomen"],"lookBack":"P2Y","last":2,"imaging":true}]""");
        plan["onMissing"] = "send";
        var bench = (await GatherBench.StartAsync(plans: folder.With(plan).Book())).WithOrder("\"code\":{\"text\":\"A rash\"}");
        bench.Load(
            $$"""
            {"resourceType":"DiagnosticReport","id":"ct","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"36813-4"}],"text":"CT abdomen"},{{Subject}},
             "effectiveDateTime":"2026-10-01T09:00:00Z"{{report}}}
            """,
            $$"""{"resourceType":"ImagingStudy","id":"study","status":"available",{{Subject}},"started":"2026-09-30T15:00:00Z"{{study}}}""");
        bench.Load(more);
        return bench;
    }

    [TestCase("basedOn", ",'basedOn':[{'reference':'ServiceRequest/ct-order'}]", ",'basedOn':[{'reference':'ServiceRequest/ct-order'}]")]
    [TestCase("accession", ",'identifier':[{'system':'urn:ris','value':'A7'}]", ",'identifier':[{'type':{'coding':[{'code':'ACSN'}]},'system':'urn:ris','value':'A7'}]")]
    [TestCase("procedureCode", "", ",'procedureCode':[{'coding':[{'system':'http://loinc.org','code':'36813-4'}]}]")]
    public async Task A_study_that_the_report_does_not_name_is_found_by_what_they_have_in_common(string by, string report, string study)
    {
        using var folder = new PlanFolder();
        await using var bench = await BenchAsync(folder, report.Replace('\'', '"'), study.Replace('\'', '"'));

        await using var record = await bench.RecordAsync();

        Assert.Multiple(() =>
        {
            Assert.That(record.Reasons("study"), Is.EqualTo(new[] { new InclusionReason($"ImagingStudy~DiagnosticReport.{by}", "DiagnosticReport/ct") }));
            Assert.That(Row(record).Lacks, Is.Empty);
        });
    }

    [TestCase(",'identifier':[{'system':'urn:ris','value':'A7'}]", ",'identifier':[{'system':'urn:ris','value':'A7'}]", TestName = "The same number, and nothing says that it is an accession number")]
    [TestCase(",'identifier':[{'system':'urn:ris','value':'A7'}]", ",'identifier':[{'type':{'coding':[{'code':'ACSN'}]},'system':'urn:other','value':'A7'}]", TestName = "The same number of another system")]
    [TestCase("", ",'procedureCode':[{'coding':[{'system':'http://loinc.org','code':'36643-5'}]}]", TestName = "Another procedure")]
    [TestCase("", "", TestName = "Nothing in common but the day")]
    public async Task A_study_of_something_else_stays_away_and_the_checklist_says_that_images_lack(string report, string study)
    {
        using var folder = new PlanFolder();
        await using var bench = await BenchAsync(folder, report.Replace('\'', '"'), study.Replace('\'', '"'));

        await using var record = await bench.RecordAsync();

        Assert.Multiple(() =>
        {
            Assert.That(record.GapLines(), Does.Contain("ImagingStudy/study not-relevant plan:core,own-plan"));
            Assert.That(Row(record).Lacks, Is.EqualTo(new[] { "imaging" }));
        });
    }

    [Test]
    public async Task A_study_of_the_same_code_weeks_before_is_another_one()
    {
        using var folder = new PlanFolder();
        await using var bench = await BenchAsync(folder, "", ",\"procedureCode\":[{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"36813-4\"}]}]");
        bench.Load($$"""{"resourceType":"ImagingStudy","id":"study","status":"available",{{Subject}},"started":"2026-09-01T15:00:00Z","procedureCode":[{"coding":[{"system":"http://loinc.org","code":"36813-4"}]}]}""");

        await using var record = await bench.RecordAsync();

        Assert.That(record.Keys(), Does.Not.Contain("ImagingStudy/study"));
    }

    [Test]
    public async Task A_report_whose_study_the_EHR_does_not_give_lacks_its_images()
    {
        using var folder = new PlanFolder();
        await using var bench = await BenchAsync(folder, ",\"imagingStudy\":[{\"reference\":\"ImagingStudy/lost\"}]");

        await using var record = await bench.RecordAsync();

        Assert.Multiple(() =>
        {
            Assert.That(record.GapLines(), Does.Contain("ImagingStudy/lost not-found DiagnosticReport.imagingStudy"));
            Assert.That(Row(record).Lacks, Is.EqualTo(new[] { "imaging" }));
        });
    }

    [Test]
    public async Task A_named_study_travels_with_its_endpoints()
    {
        using var folder = new PlanFolder();
        await using var bench = await BenchAsync(
            folder, ",\"imagingStudy\":[{\"reference\":\"ImagingStudy/study\"}]",
            ",\"endpoint\":[{\"reference\":\"Endpoint/wado\"}],\"series\":[{\"uid\":\"1\",\"endpoint\":[{\"reference\":\"Endpoint/series\"}]}]",
            Endpoint("wado", ""), Endpoint("series", ""));

        await using var record = await bench.RecordAsync();

        Assert.Multiple(() =>
        {
            Assert.That(record.Reasons("wado"), Is.EqualTo(new[] { new InclusionReason("ImagingStudy.endpoint", "ImagingStudy/study") }));
            Assert.That(record.Reasons("series"), Is.EqualTo(new[] { new InclusionReason("ImagingStudy.series.endpoint", "ImagingStudy/study") }));
            Assert.That(Row(record).Lacks, Is.Empty);
        });
    }

    [Test]
    public async Task Where_the_images_are_withheld_the_checklist_that_is_told_says_that_they_lack()
    {
        using var folder = new PlanFolder();
        await using var bench = await BenchAsync(folder, ",\"imagingStudy\":[{\"reference\":\"ImagingStudy/study\"}]");

        await using var record = await bench.RecordAsync();
        byte[] buffer = [];
        var told = record.Planned!.HadThereBeenOnly(
            record.Resources.Select(r => r.Key).Where(k => k.Type != "ImagingStudy").ToHashSet(),
            key => RelevanceReading.Read(RawResource.Read(record.ThinBody(record.Resources.Single(r => r.Key == key), ref buffer))));

        Assert.That(Row(record).Lacks, Is.Empty);
        Assert.That(told.Checklist.Rows.Single(r => r.Item == Item).Lacks, Is.EqualTo(new[] { "imaging" }));
    }

    [TestCase(",\"header\":[\"Authorization: Bearer abc\"]", "https://pacs.example/wado")]
    [TestCase("", "https://user:pass@pacs.example/wado")]
    [TestCase("", "https://pacs.example/wado?access_token=abc")]
    public async Task An_endpoint_with_a_key_inside_is_told_and_stays(string header, string address)
    {
        using var folder = new PlanFolder();
        await using var bench = await BenchAsync(
            folder, ",\"imagingStudy\":[{\"reference\":\"ImagingStudy/study\"}]", ",\"endpoint\":[{\"reference\":\"Endpoint/wado\"}]", Endpoint("wado", header, address));

        await using var record = await bench.RecordAsync();

        Assert.Multiple(() =>
        {
            Assert.That(record.Keys(), Does.Contain("ImagingStudy/study").And.Not.Contain("Endpoint/wado"));
            Assert.That(record.GapLines(), Does.Contain("Endpoint/wado credentials-inside ImagingStudy.endpoint"));
        });
    }

    [Test]
    public async Task A_study_that_carries_such_an_endpoint_inside_stays_with_it()
    {
        using var folder = new PlanFolder();
        await using var bench = await BenchAsync(
            folder, ",\"imagingStudy\":[{\"reference\":\"ImagingStudy/study\"}]",
            ",\"endpoint\":[{\"reference\":\"#e\"}],\"contained\":[{\"resourceType\":\"Endpoint\",\"id\":\"e\",\"status\":\"active\",\"header\":[\"X-Key: abc\"]}]");

        await using var record = await bench.RecordAsync();

        Assert.Multiple(() =>
        {
            Assert.That(record.Keys(), Does.Not.Contain("ImagingStudy/study"));
            Assert.That(record.GapLines(), Does.Contain("ImagingStudy/study credentials-inside Endpoint.header"));
            Assert.That(Row(record).Lacks, Is.EqualTo(new[] { "imaging" }));
        });
    }

    [Test]
    public async Task An_order_that_carries_such_an_endpoint_is_held()
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder("\"contained\":[{\"resourceType\":\"Endpoint\",\"id\":\"e\",\"header\":[\"X-Key: abc\"]}]");

        Assert.That(await bench.GatherAsync(), Is.InstanceOf<GatherOutcome.Impossible>().With.Property("Code").EqualTo("record-invalid"));
    }

    private static ChecklistRow Row(GatheredRecord record) => record.Planned!.Checklist.Rows.Single(r => r.Item == Item);

    private static string Endpoint(string id, string header, string address = "https://pacs.example/wado") => $$"""
        {"resourceType":"Endpoint","id":"{{id}}","status":"active","connectionType":{"system":"http://terminology.hl7.org/CodeSystem/endpoint-connection-type","code":"dicom-wado-rs"},
         "payloadType":[{"text":"DICOM"}],"address":"{{address}}"{{header}}}
        """;
}
