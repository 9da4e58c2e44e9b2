using System.Text.Json.Nodes;
using ReferralService.Fhir.Resources;
using ReferralService.Gathering.Plans;
using ReferralService.Tests.Gathering.Plans;

namespace ReferralService.Tests.Gathering;

/// <summary>A report that a plan wants with its file has it only when the file came.</summary>
public sealed class FileEvidenceTests
{
    private const string Item = "plan:own-plan/report";

    [TestCase("'data':'aGVsbG8='", false, TestName = "A file inside the report is there")]
    [TestCase("'url':'Binary/file'", false, TestName = "A file of its own is there when it came")]
    [TestCase("'title':'no file at all'", true, TestName = "A form without a file is not there")]
    [TestCase("'url':'Binary/gone'", true, TestName = "A file that the EHR does not have is not there")]
    [TestCase("'url':'https://elsewhere.example/report.pdf'", true, TestName = "A file on a server that is not asked is not there")]
    [TestCase("'url':'Binary/gone','data':'aGVsbG8='", false, TestName = "A file inside is there whatever is told of another place")]
    public async Task The_checklist_says_whether_the_file_came(string form, bool lacks)
    {
        using var folder = new PlanFolder();
        await using var bench = await BenchAsync(folder, form.Replace('\'', '"'));

        await using var record = await bench.RecordAsync();

        Assert.That(Row(record.Planned!).Lacks, Is.EqualTo(lacks ? new[] { "attachment" } : []));
    }

    [Test]
    public async Task Where_the_file_is_withheld_the_checklist_that_is_told_says_that_it_lacks()
    {
        using var folder = new PlanFolder();
        await using var bench = await BenchAsync(folder, "\"url\":\"Binary/file\"");

        await using var record = await bench.RecordAsync();
        byte[] buffer = [];
        var told = record.Planned!.HadThereBeenOnly(
            record.Resources.Select(r => r.Key).Where(k => k.Type != "Binary").ToHashSet(),
            key => RelevanceReading.Read(RawResource.Read(record.ThinBody(record.Resources.Single(r => r.Key == key), ref buffer))));

        Assert.That(Row(record.Planned).Lacks, Is.Empty);
        Assert.That(Row(told).Lacks, Is.EqualTo(new[] { "attachment" }));
    }

    private static ChecklistRow Row(PlannedRecord planned) => planned.Checklist.Rows.Single(r => r.Item == Item);

    private static async Task<GatherBench> BenchAsync(PlanFolder folder, string form)
    {
        var plan = PlanFolder.Plan();
        plan["must"] = JsonNode.Parse("""[{"id":"report","label":"Report with its file","types":["DiagnosticReport"],"words":["ct abdomen"],"lookBack":"P2Y","last":2,"attachments":true}]""");
        plan["onMissing"] = "send";
        var bench = (await GatherBench.StartAsync(plans: folder.With(plan).Book())).WithOrder("\"code\":{\"text\":\"A rash\"}");
        bench.Load(
            $$"""
            {"resourceType":"DiagnosticReport","id":"ct","status":"final","code":{"text":"CT abdomen"},"subject":{"reference":"Patient/p1"},
             "effectiveDateTime":"2026-10-01T09:00:00Z","presentedForm":[{"contentType":"application/pdf",{{form}}}]}
            """,
            """{"resourceType":"Binary","id":"file","contentType":"application/pdf","data":"aGVsbG8="}""");
        return bench;
    }
}
