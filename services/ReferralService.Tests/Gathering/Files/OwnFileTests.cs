using System.Text;
using ReferralService.Contracts;
using ReferralService.Gathering;
using ReferralService.Sandbox.Ehr;
using ReferralService.Sandbox.Faults;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Gathering.Files;

/// <summary>Files that are Binaries of the EHR's, in all the ways in which servers give them.</summary>
public sealed class OwnFileTests
{
    private const string Scan = """
        {"resourceType":"Binary","id":"b","meta":{"versionId":"7","lastUpdated":"2026-10-02T08:00:00Z","security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"}]},
         "contentType":"application/pdf","securityContext":{"reference":"Patient/p1"},"data":"JVBERi0xLjQ="}
        """;

    [Test]
    public async Task A_Binary_that_comes_without_its_bytes_is_asked_for_them_and_says_what_it_said_before()
    {
        await using var bench = await BenchAsync(bare: true);
        bench.Load(FileScene.Document("d", "Binary/b"), Scan);

        await using var record = await bench.RecordAsync();
        var binary = record.Binary();

        Assert.Multiple(() =>
        {
            Assert.That(Encoding.UTF8.GetString(binary.Data()), Is.EqualTo("%PDF-1.4"));
            Assert.That(binary.GetProperty("contentType").GetString(), Is.EqualTo("application/pdf"));
            Assert.That(binary.GetProperty("meta").GetProperty("security")[0].GetProperty("code").GetString(), Is.EqualTo("R"));
            Assert.That(record.Resources.Single(r => r.Key.Type == "Binary"), Has.Property("VersionId").EqualTo(binary.GetProperty("meta").GetProperty("versionId").GetString()).And.Property("LastUpdated").Not.Null);
            Assert.That(record.GapLines(), Is.Empty);
            Assert.That(Accepts(bench), Is.EqualTo(new[] { "application/fhir+json", "application/pdf" }));
        });
    }

    [Test]
    public async Task A_Binary_that_comes_whole_is_carried_byte_for_byte_and_asked_for_once()
    {
        await using var bench = await BenchAsync(bare: false);
        bench.Load(FileScene.Document("d", "Binary/b"), Scan);

        await using var record = await bench.RecordAsync();
        byte[] buffer = [];

        Assert.That(record.Body(record.Resources.Single(r => r.Key.Type == "Binary"), ref buffer).ToArray(), Is.EqualTo(bench.Ehr.Bytes("Binary/b")!.Value.ToArray()));
        Assert.That(Accepts(bench), Is.EqualTo(new[] { "application/fhir+json" }));
    }

    [TestCase("image/png", 200, "image/png")]
    [TestCase("text/html; charset=utf-8", 200, "application/pdf")]
    [TestCase("application/json", 406, "application/pdf")]
    [TestCase("application/json", 415, "application/pdf")]
    public async Task Where_the_EHR_has_no_FHIR_form_of_a_Binary_its_bytes_are_taken(string type, int status, string kept)
    {
        await using var bench = await BenchAsync(bare: false);
        bench.Load(FileScene.Document("d", "Binary/b", type: kept), Scan);
        bench.Ehr.Faults.Add(new Fault { Path = "^/Binary/b", Status = status, Body = "\x1F binary", ContentType = type });
        if (status == 200 && type == kept) bench.Ehr.Faults.Add(new Fault { Path = "^/Binary/b", Status = 200, Body = "\x1F binary", ContentType = type });

        await using var record = await bench.RecordAsync();

        Assert.That(record.Binary().GetProperty("contentType").GetString(), Is.EqualTo(kept));
        Assert.That(record.Binary().GetProperty("id").GetString(), Is.EqualTo("b"));
        Assert.That(Encoding.UTF8.GetString(record.Binary().Data()), Is.EqualTo(type == kept ? "\x1F binary" : "%PDF-1.4"));
    }

    [TestCase("\"contentType\":\"application/pdf; charset=binary\"", "application/pdf; charset=binary", TestName = "The type that the EHR tells of a Binary stays as it is written")]
    [TestCase("\"contentType\":null", "application/pdf", TestName = "A Binary without a type has the one it is served with")]
    public async Task A_type_is_told(string told, string kept)
    {
        await using var bench = await BenchAsync(bare: false);
        bench.Load(FileScene.Document("d", "Binary/b", type: "image/tiff"), Scan);
        bench.Ehr.Faults.Add(new Fault { Path = "^/Binary/b", Body = $$"""{"resourceType":"Binary","id":"b",{{told}},"data":null}""" });

        await using var record = await bench.RecordAsync();

        Assert.That(record.Binary().GetProperty("contentType").GetString(), Is.EqualTo(kept));
        Assert.That(Encoding.UTF8.GetString(record.Binary().Data()), Is.EqualTo("%PDF-1.4"));
    }

    [Test]
    public async Task An_EHR_that_has_the_file_under_another_type_is_asked_for_any()
    {
        await using var bench = await BenchAsync(bare: true);
        bench.Load(FileScene.Document("d", "Binary/b", type: "image/png"), Scan);
        bench.Ehr.Faults.Add(new Fault { Path = "^/Binary/b", Skip = 1, Status = 406 });

        await using var record = await bench.RecordAsync();

        Assert.That(Encoding.UTF8.GetString(record.Binary().Data()), Is.EqualTo("%PDF-1.4"));
        Assert.That(Accepts(bench), Is.EqualTo(new[] { "application/fhir+json", "image/png", "*/*" }));
    }

    [Test]
    public async Task A_file_that_breaks_off_is_fetched_again_and_never_kept_short()
    {
        await using var bench = await BenchAsync(bare: true);
        string data = Convert.ToBase64String(Encoding.ASCII.GetBytes(new string('x', 200_000)));
        bench.Load(FileScene.Document("d", "Binary/b"), $$"""{"resourceType":"Binary","id":"b","contentType":"application/pdf","data":"{{data}}"}""");
        bench.Ehr.Faults.Add(new Fault { Path = "^/Binary/b", Skip = 1, Times = 2, TruncateAfter = 100_000 });

        await using var record = await bench.RecordAsync();

        Assert.That(bench.Ehr.Faults.Struck, Is.EqualTo(2));
        Assert.That(record.Binary().Data(), Has.Length.EqualTo(200_000));
    }

    [Test]
    public async Task A_file_that_always_breaks_off_waits_and_is_a_gap_at_the_third_try()
    {
        await using var bench = await BenchAsync(bare: true);
        bench.Load(FileScene.Document("d", "Binary/b"), Scan);
        bench.Ehr.Faults.Add(new Fault { Path = "^/Binary/b", Skip = 1, Times = 5, TruncateAfter = 3 });
        bench.Ehr.Faults.Add(new Fault { Path = "^/Binary/b", Skip = 1, Times = null, TruncateAfter = 3 });

        Assert.That(await bench.GatherAsync(), Is.InstanceOf<GatherOutcome.Deferred>().With.Property("Code").EqualTo(ReasonCodes.EhrUnreachable));
        await using var record = await bench.RecordAsync(tries: 2);

        Assert.That(record.Keys(), Does.Not.Contain("Binary/b"));
        Assert.That(record.GapLines(), Is.EqualTo(new[] { "Binary/b unreachable DocumentReference.content.attachment" }));
    }

    [TestCase("", null, TestName = "A file without a byte is a gap")]
    [TestCase("{\"resourceType\":\"Binary\",\"id\":\"b\"}", "application/fhir+json", TestName = "A Binary that never comes as bytes is a gap")]
    [TestCase("<html>Sign in</html>", "text/html", TestName = "A page in place of a file is a gap")]
    [TestCase("{\"error\":1}", "application/json", TestName = "An error that says 200 in place of a file is a gap")]
    public async Task What_is_no_file_is_not_kept(string body, string? type)
    {
        await using var bench = await BenchAsync(bare: true);
        bench.Load(FileScene.Document("d", "Binary/b"), Scan);
        bench.Ehr.Faults.Add(new Fault { Path = "^/Binary/b", Skip = 1, Times = null, Status = 200, Body = body, ContentType = type });

        await using var record = await bench.RecordAsync();

        Assert.That(record.Keys(), Does.Not.Contain("Binary/b"));
        Assert.That(record.GapLines(), Is.EqualTo(new[] { "Binary/b no-content DocumentReference.content.attachment" }));
    }

    [Test]
    [Fault("E12")]
    public async Task A_file_about_another_patient_is_not_taken([Values] bool bare, [Values] bool header)
    {
        await using var bench = await BenchAsync(bare);
        bench.Load(FileScene.Document("d", "Binary/b"), header ? Scan : Scan.Replace("Patient/p1", "Patient/p2", StringComparison.Ordinal));
        if (header) bench.Ehr.Faults.Add(new Fault { Path = "^/Binary/b", Status = 406 });
        if (header) bench.Ehr.Faults.Add(new Fault { Path = "^/Binary/b", Headers = new Dictionary<string, string> { ["X-Security-Context"] = "Patient/p2" } });

        await using var record = await bench.RecordAsync();

        Assert.That(record.Keys(), Does.Not.Contain("Binary/b"));
        Assert.That(record.GapLines(), Is.EqualTo(new[] { "Binary/b other-patient DocumentReference.content.attachment" }));
    }

    [TestCase("DocumentReference/mine", null)]
    [TestCase("DocumentReference/theirs", "other-patient")]
    [TestCase("DocumentReference/lost", "patient-unknown")]
    [TestCase("https://elsewhere.example/fhir/DocumentReference/x", "patient-unknown")]
    [TestCase("urn:uuid:8a5a3a0e-0000-4000-8000-000000000001", "patient-unknown")]
    [TestCase("anything \"goes\"", "patient-unknown")]
    [TestCase("DocumentReference/mine, DocumentReference/theirs", "patient-unknown")]
    [Fault("E12")]
    public async Task What_a_header_says_a_file_is_guarded_as_counts_like_its_security_context(string context, string? reason)
    {
        await using var bench = await BenchAsync(bare: false);
        bench.Load(
            FileScene.Document("d", "Binary/b"), Scan.Replace("\"securityContext\":{\"reference\":\"Patient/p1\"},", "", StringComparison.Ordinal), FileScene.Document("mine", "Binary/b"),
            FileScene.Document("theirs", "Binary/b").Replace("Patient/p1", "Patient/p2", StringComparison.Ordinal));
        bench.Ehr.Faults.Add(new Fault { Path = "^/Binary/b", Status = 406 });
        bench.Ehr.Faults.Add(new Fault { Path = "^/Binary/b", Headers = new Dictionary<string, string> { ["X-Security-Context"] = context } });

        await using var record = await bench.RecordAsync();

        Assert.That(record.GapLines(), Is.EqualTo(reason is null ? Array.Empty<string>() : [$"Binary/b {reason} DocumentReference.content.attachment"]));
        if (reason is null) Assert.That(record.Binary().GetProperty("securityContext").GetProperty("reference").GetString(), Is.EqualTo(context), "whoever labels it sees it");
        else Assert.That(record.Keys(), Does.Not.Contain("Binary/b"));
    }

    [Test]
    public async Task What_the_EHR_itself_says_a_file_is_guarded_as_stays()
    {
        await using var bench = await BenchAsync(bare: true);
        bench.Load(FileScene.Document("d", "Binary/b"), Scan);
        bench.Ehr.Faults.Add(new Fault { Path = "^/Binary/b", Skip = 1, Headers = new Dictionary<string, string> { ["X-Security-Context"] = "DocumentReference/d" } });

        await using var record = await bench.RecordAsync();
        byte[] buffer = [];

        string body = Encoding.UTF8.GetString(record.Body(record.Resources.Single(r => r.Key.Type == "Binary"), ref buffer).Span);
        Assert.That(body.Split("securityContext"), Has.Length.EqualTo(2), "once");
        Assert.That(record.Binary().GetProperty("securityContext").GetProperty("reference").GetString(), Is.EqualTo("Patient/p1"));
    }

    [Test]
    public async Task Files_are_asked_for_one_by_one_and_each_once_however_many_refer_to_it()
    {
        await using var bench = await BenchAsync(bare: true);
        for (int i = 0; i < 4; i++) bench.Load($$"""{"resourceType":"Binary","id":"b{{i}}","contentType":"application/pdf","data":"JVBERi0xLjQ="}""", FileScene.Document($"d{i}", $"Binary/b{i}"), FileScene.Report($"r{i}", $"Binary/b{i}"));

        await using var record = await bench.RecordAsync();

        Assert.That(record.Keys().Count(k => k.StartsWith("Binary/", StringComparison.Ordinal)), Is.EqualTo(4));
        Assert.That(bench.Ehr.Requests.CountOf("GET", "/Binary?"), Is.Zero);
        Assert.That(bench.Ehr.Requests.CountOf("GET", "/Binary/"), Is.EqualTo(8));
    }

    private static async Task<GatherBench> BenchAsync(bool bare) => (await GatherBench.StartAsync(new SandboxEhrOptions { BareBinaries = bare })).WithOrder();

    private static IEnumerable<string> Accepts(GatherBench bench) => bench.Ehr.Requests.All.Where(r => r.PathAndQuery.StartsWith("/Binary/", StringComparison.Ordinal)).Select(r => r.Headers["Accept"]);
}
