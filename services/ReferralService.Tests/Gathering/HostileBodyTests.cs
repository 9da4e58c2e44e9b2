using System.Text;
using System.Text.Json;
using ReferralService.Gathering;
using ReferralService.Ledger;
using ReferralService.Packaging;
using ReferralService.Sandbox.Ehr;
using ReferralService.Tests.Support;
using static ReferralService.Tests.Packaging.RecordBuilder;

namespace ReferralService.Tests.Gathering;

/// <summary>Bodies that would lead a reader elsewhere, round in circles or to run something: carried as they are, and nothing is done about what they say.</summary>
internal sealed class HostileBodyTests
{
    [Test]
    [Fault("S27")]
    [Fault("E11")]
    public async Task A_reference_to_another_server_is_carried_as_text_and_nobody_is_asked()
    {
        await using var elsewhere = await SandboxEhr.StartAsync();
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder($$"""
            "supportingInfo":[{"reference":"{{elsewhere.Base}}/Observation/x"},{"reference":"http://169.254.169.254/Observation/y"},{"reference":"https://user:pw@evil.example/Observation/z"}]
            """);
        bench.Load($$"""
            {"resourceType":"DocumentReference","id":"d","status":"current","subject":{"reference":"Patient/p1"},"content":[{"attachment":{"contentType":"application/pdf","url":"{{elsewhere.Base}}/Binary/b"} }]}
            """);

        await using var record = await bench.RecordAsync();

        Assert.That(elsewhere.Requests.Count, Is.Zero);
        Assert.That(record.GapLines().Where(l => l.Contains(" foreign-origin ")).Count(), Is.EqualTo(4));
        Assert.That(Body(record, "ServiceRequest/o1"), Is.EqualTo(Encoding.UTF8.GetString(bench.Ehr.Bytes("ServiceRequest/o1")!.Value.Span)));
        Assert.That(Body(record, "DocumentReference/d"), Does.Contain($"{elsewhere.Base}/Binary/b"));
    }

    [Test]
    [Fault("S28")]
    public async Task Circles_contained_in_contained_and_ten_thousand_references_inside_itself_are_carried_and_end([Values(PackageForm.Document, PackageForm.Transaction)] PackageForm form)
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder("\"supportingInfo\":[{\"reference\":\"Observation/a\"}]");
        bench.Load(
            GatherBench.Observation("a", """ "hasMember":[{"reference":"Observation/b"},{"reference":"Observation/a"}] """),
            GatherBench.Observation("b", """ "derivedFrom":[{"reference":"Observation/a"}] """),
            GatherBench.Observation("c", """
                "contained":[{"resourceType":"Specimen","id":"x","parent":[{"reference":"#x"}],"contained":[{"resourceType":"Specimen","id":"y","parent":[{"reference":"#x"}]}]}],"specimen":{"reference":"#x"}
                """),
            GatherBench.Observation("d", $"\"hasMember\":[{string.Join(',', Enumerable.Range(0, 10_000).Select(i => $$"""{"reference":"#r{{i}}"}"""))}]"));

        await using var record = await bench.RecordAsync();
        using var output = new MemoryStream();
        var outcome = await new PackageBuilder().BuildAsync(record, For(form), output, default);

        Assert.That(outcome, Is.InstanceOf<PackagingOutcome.Packaged>());
        Assert.That(record.Keys(), Is.SupersetOf(new[] { "Observation/a", "Observation/b", "Observation/c", "Observation/d" }));
        foreach (var key in new[] { "Observation/c", "Observation/d" })
            Assert.That(Body(record, key), Is.EqualTo(Encoding.UTF8.GetString(bench.Ehr.Bytes(key)!.Value.Span)));
        Assert.That(JsonDocument.Parse(output.ToArray()).RootElement.GetProperty("entry").GetArrayLength(), Is.GreaterThanOrEqualTo(record.Resources.Count));
        Assert.That(bench.Ehr.Requests.All.Count, Is.LessThan(20));
    }

    [TestCase("\"contentType\":\"image/png\",\"data\":\"TVqQAAMAAAAEAAAA\"", false)]
    [TestCase("\"contentType\":\"image/png\",\"data\":\"PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==\"", false)]
    [TestCase("\"contentType\":\"image/svg+xml; <script>\",\"data\":\"AAAA\"", false)]
    [TestCase("\"data\":\"AAAA\",\"hash\":\"KbKVoFE16C3cc7UdlWNwIvGj2NY=\"", true)]
    [TestCase("\"hash\":\"qZk+NkcGgWq6PiVxeFDCbJzQ2J0=\",\"data\":\"YWJj\"", false)]
    [TestCase("\"data\":\"not base64 at all!\"", true)]
    [TestCase("\"data\":\"AAA\"", true)]
    [TestCase("\"data\":\"AA\\r\\nAA\"", false)]
    [TestCase("\"data\":17", true)]
    [TestCase("\"data\":\"AAAA\",\"hash\":\"no hash\"", true)]
    [Fault("S29")]
    public async Task A_file_that_is_not_what_it_says_is_carried_unopened_and_noted_where_that_can_be_told(string attachment, bool noted)
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder();
        bench.Load($$"""{"resourceType":"DocumentReference","id":"d","status":"current","subject":{"reference":"Patient/p1"},"content":[{"attachment":{ {{attachment}} } }]}""");

        await using var record = await bench.RecordAsync();

        Assert.That(Body(record, "DocumentReference/d"), Is.EqualTo(Encoding.UTF8.GetString(bench.Ehr.Bytes("DocumentReference/d")!.Value.Span)));
        Assert.That(record.GapLines(), noted ? Is.EqualTo(new[] { "DocumentReference/d bad-content content.attachment" }) : Is.Empty);
    }

    [Test]
    [Fault("S29")]
    public async Task A_Binary_whose_content_is_no_base64_is_carried_and_noted()
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder().Load(
            """{"resourceType":"DocumentReference","id":"d","status":"current","subject":{"reference":"Patient/p1"},"content":[{"attachment":{"contentType":"image/png","url":"Binary/b"}}]}""",
            """{"resourceType":"Binary","id":"b","contentType":"text/html","data":"<script>"}""");

        await using var record = await bench.RecordAsync();

        Assert.That(record.Keys(), Does.Contain("Binary/b"));
        Assert.That(record.GapLines(), Is.EqualTo(new[] { "Binary/b bad-content data" }));
    }

    private static string Body(GatheredRecord record, string key)
    {
        byte[] buffer = [];
        return Encoding.UTF8.GetString(record.Body(record.Resources.Single(r => r.Key.ToString() == key), ref buffer).Span);
    }
}
