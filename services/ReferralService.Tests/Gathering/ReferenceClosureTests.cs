using ReferralService.Gathering;
using ReferralService.Sandbox.Faults;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Gathering;

public sealed class ReferenceClosureTests
{
    [TestCase("Observation", "hasMember", Reach.Record, Reach.Record)]
    [TestCase("Observation", "derivedFrom", Reach.Record, Reach.Record)]
    [TestCase("Observation", "performer", Reach.Record, Reach.Support)]
    [TestCase("Observation", "subject", Reach.Record, null)]
    [TestCase("Observation", "basedOn", Reach.Record, null)]
    [TestCase("Observation", "contained.performer", Reach.Record, null)]
    [TestCase("DiagnosticReport", "media.link", Reach.Record, Reach.Record)]
    [TestCase("DiagnosticReport", "presentedForm", Reach.Record, Reach.Record)]
    [TestCase("DocumentReference", "content.attachment", Reach.Record, Reach.Record)]
    [TestCase("DocumentReference", "relatesTo.target", Reach.Record, null)]
    [TestCase("PractitionerRole", "organization", Reach.Support, Reach.End)]
    [TestCase("PractitionerRole", "organization", Reach.End, null)]
    [TestCase("Encounter", "participant.individual", Reach.Support, null)]
    [TestCase("Encounter", "participant.individual", Reach.Record, Reach.Support)]
    [TestCase("ServiceRequest", "supportingInfo", Reach.Order, Reach.Record)]
    [TestCase("ServiceRequest", "supportingInfo", Reach.Record, null)]
    [TestCase("Patient", "link.other", Reach.Record, null)]
    public void The_table_says_what_is_followed_and_how_far(string type, string path, object from, object? to)
        => Assert.That(ReferenceEdges.Find(type, path, (Reach)from)?.To, Is.EqualTo((Reach?)to));

    [Test]
    public async Task What_the_order_names_is_there_with_who_and_where_behind_it()
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder("""
            "requester":{"reference":"PractitionerRole/role"},"performer":[{"reference":"Organization/ward"}],"reasonReference":[{"reference":"Condition/old"}],
            "specimen":[{"reference":"Specimen/child"}]
            """).Load(
            """{"resourceType":"PractitionerRole","id":"role","practitioner":{"reference":"Practitioner/doc"},"organization":{"reference":"Organization/clinic"}}""",
            """{"resourceType":"Practitioner","id":"doc"}""",
            """{"resourceType":"Organization","id":"clinic","partOf":{"reference":"Organization/trust"}}""",
            """{"resourceType":"Organization","id":"ward","partOf":{"reference":"Organization/house"}}""",
            """{"resourceType":"Organization","id":"house","partOf":{"reference":"Organization/trust"}}""",
            """{"resourceType":"Organization","id":"trust"}""",
            """{"resourceType":"Condition","id":"old","clinicalStatus":{"coding":[{"code":"resolved"}]},"subject":{"reference":"Patient/p1"}}""",
            """{"resourceType":"Specimen","id":"child","subject":{"reference":"Patient/p1"},"parent":[{"reference":"Specimen/parent"}]}""",
            """{"resourceType":"Specimen","id":"parent"}""");

        await using var record = await bench.RecordAsync();

        Assert.That(record.Keys(), Is.EqualTo(new[]
        {
            "Condition/old", "Organization/clinic", "Organization/house", "Organization/ward", "Patient/p1", "Practitioner/doc", "PractitionerRole/role",
            "ServiceRequest/o1", "Specimen/child", "Specimen/parent",
        }));
        Assert.That(record.Resources.Single(r => r.Key.Id == "doc").Reasons, Is.EqualTo(new[] { new InclusionReason("PractitionerRole.practitioner", "PractitionerRole/role") }));
        Assert.That(record.Resources.Single(r => r.Key.Id == "role").Reasons, Is.EqualTo(new[] { new InclusionReason("order.requester", "ServiceRequest/o1") }));
    }

    [Test]
    [Fault("S28")]
    public async Task Cycles_end_and_each_resource_is_there_once()
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder().Load(
            GatherBench.Observation("a", "\"hasMember\":[{\"reference\":\"Observation/b\"}]"),
            GatherBench.Observation("b", "\"effectiveDateTime\":\"2010-01-01\",\"hasMember\":[{\"reference\":\"Observation/a\"},{\"reference\":\"Observation/b\"}]"));

        await using var record = await bench.RecordAsync();

        Assert.That(record.Keys(), Is.EqualTo(new[] { "Observation/a", "Observation/b", "Patient/p1", "ServiceRequest/o1" }));
    }

    [TestCase("Observation/gone-missing", "Observation/gone-missing not-found Observation.hasMember")]
    [TestCase("https://elsewhere.example/fhir/Observation/1", "https://elsewhere.example/fhir/Observation/1 foreign-origin Observation.hasMember")]
    [TestCase("Observation?identifier=urn:mrn|secret", "Observation?conditional conditional Observation.hasMember")]
    [TestCase("urn:uuid:8a5a3a0e-0000-4000-8000-000000000001", "urn:uuid:8a5a3a0e-0000-4000-8000-000000000001 unresolvable Observation.hasMember")]
    [TestCase("Patient/p2", "Patient/p2 other-patient Observation.hasMember")]
    [TestCase("Observation/a/_history/9", "Observation/a/_history/9 other-version Observation.hasMember")]
    public async Task What_cannot_be_had_is_a_gap_with_its_reason(string reference, string gap)
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder().Load(GatherBench.Observation("a", $$"""
            "meta":{"versionId":"1"},"hasMember":[{"reference":"{{reference}}"}]
            """));

        await using var record = await bench.RecordAsync();

        Assert.That(record.GapLines(), Is.EqualTo(new[] { gap }));
    }

    [Test]
    public async Task Deleted_and_erroneous_targets_are_gaps()
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder().Load(
            GatherBench.Observation("a", "\"hasMember\":[{\"reference\":\"Observation/deleted\"},{\"reference\":\"Observation/error\"},{\"reference\":\"Observation/off\"}]"),
            GatherBench.Observation("deleted", ""), GatherBench.Observation("error", "", status: "entered-in-error"), GatherBench.Observation("off", "", status: "cancelled"));
        bench.Ehr.Delete("Observation", "deleted");

        await using var record = await bench.RecordAsync();

        Assert.That(record.GapLines(), Is.SupersetOf(new[]
        {
            "Observation/deleted gone Observation.hasMember", "Observation/error entered-in-error Observation.hasMember", "Observation/off cancelled Observation.hasMember",
        }));
        Assert.That(record.Keys(), Is.EqualTo(new[] { "Observation/a", "Patient/p1", "ServiceRequest/o1" }));
    }

    [Test]
    public async Task References_written_as_the_EHRs_own_absolute_URLs_are_followed()
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder().Load(
            GatherBench.Observation("a", $$"""
                "derivedFrom":[{"reference":"{{bench.Ehr.Base}}/Media/m/_history/1"}]
                """),
            $$$"""{"resourceType":"Media","id":"m","subject":{"reference":"{{{bench.Ehr.Base}}}/Patient/p1"},"content":{"contentType":"image/png","url":"Binary/b"}}""",
            """{"resourceType":"Binary","id":"b","contentType":"image/png","data":"AAAA"}""");

        await using var record = await bench.RecordAsync();

        Assert.That(record.Keys(), Is.SupersetOf(new[] { "Media/m", "Binary/b" }));
        Assert.That(record.GapLines(), Is.Empty);
    }

    [TestCase("https://cdn.example/scan.pdf?sig=secret", "https://cdn.example/scan.pdf foreign-origin DocumentReference.content.attachment")]
    [TestCase("{base}/storage/x?sig=secret", "{base}/storage/x not-a-resource DocumentReference.content.attachment")]
    [Fault("S26")]
    [Fault("E11")]
    public async Task An_attachment_elsewhere_is_a_gap_and_its_query_is_not_told(string url, string gap)
    {
        await using var bench = await GatherBench.StartAsync();
        url = url.Replace("{base}", bench.Ehr.Base, StringComparison.Ordinal);
        bench.WithOrder().Load(
            $$$"""{"resourceType":"DocumentReference","id":"d","status":"current","subject":{"reference":"Patient/p1"},"content":[{"attachment":{"contentType":"application/pdf","url":"{{{url}}}"}}]}""");

        await using var record = await bench.RecordAsync();

        Assert.That(record.GapLines(), Is.EqualTo(new[] { gap.Replace("{base}", bench.Ehr.Base, StringComparison.Ordinal) }));
    }

    [Test]
    public async Task Depth_is_bounded_and_what_lies_beyond_is_a_gap()
    {
        await using var bench = await GatherBench.StartAsync(options: new GatheringOptions { MaxDepth = 2 });
        bench.WithOrder("\"specimen\":[{\"reference\":\"Specimen/s1\"}]").Load(
            """{"resourceType":"Specimen","id":"s1","parent":[{"reference":"Specimen/s2"}]}""",
            """{"resourceType":"Specimen","id":"s2","parent":[{"reference":"Specimen/s3"}]}""",
            """{"resourceType":"Specimen","id":"s3","parent":[{"reference":"Specimen/s4"}]}""",
            """{"resourceType":"Specimen","id":"s4"}""");

        await using var record = await bench.RecordAsync();

        Assert.That(record.Keys(), Is.SupersetOf(new[] { "Specimen/s1", "Specimen/s2", "Specimen/s3" }).And.Not.Contain("Specimen/s4"));
        Assert.That(record.GapLines(), Does.Contain("Specimen/s4 limit Specimen.parent"));
    }

    [Test]
    public async Task The_number_of_resources_is_bounded_and_what_lies_beyond_is_a_gap()
    {
        await using var bench = await GatherBench.StartAsync(options: new GatheringOptions { MaxResources = 3 });
        bench.WithOrder("\"specimen\":[{\"reference\":\"Specimen/s1\"},{\"reference\":\"Specimen/s2\"}]").Load(
            """{"resourceType":"Specimen","id":"s1"}""", """{"resourceType":"Specimen","id":"s2"}""");

        await using var record = await bench.RecordAsync();

        Assert.That(record.Keys(), Does.Contain("Specimen/s1").And.Not.Contain("Specimen/s2"));
        Assert.That(record.GapLines(), Does.Contain("Specimen/s2 limit order.specimen"));
    }

    [Test]
    public async Task What_the_EHR_does_not_let_us_read_is_a_gap()
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder().Load(GatherBench.Observation("panel", "\"hasMember\":[{\"reference\":\"Observation/secret\"}]"));
        bench.Ehr.Faults.Add(new Fault { Path = "^/Observation/secret", Times = null, Status = 403 });

        await using var record = await bench.RecordAsync();

        Assert.That(record.GapLines(), Is.EqualTo(new[] { "Observation/secret forbidden Observation.hasMember" }));
    }

    [Test]
    public async Task Many_references_of_one_type_cost_one_request()
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder();
        for (int i = 0; i < 30; i++)
        {
            bench.Load(
                GatherBench.Observation($"o{i}", $$"""
                    "encounter":{"reference":"Encounter/e{{i}}"}
                    """),
                $$$"""{"resourceType":"Encounter","id":"e{{{i}}}","status":"finished","subject":{"reference":"Patient/p1"}}""");
        }

        await using var record = await bench.RecordAsync();

        Assert.That(record.Keys().Count(k => k.StartsWith("Encounter/", StringComparison.Ordinal)), Is.EqualTo(30));
        Assert.That(bench.Ehr.Requests.CountOf("GET", "/Encounter"), Is.EqualTo(1));
    }

    [Test]
    public async Task What_leads_nowhere_is_not_asked_for_without_end()
    {
        await using var bench = await GatherBench.StartAsync(options: new GatheringOptions { MaxResources = 20 });
        string results = string.Join(',', Enumerable.Range(0, 100).Select(i => $$"""{"reference":"Observation/lost{{i:000}}"}"""));
        bench.WithOrder("\"specimen\":[{\"reference\":\"Specimen/s1\"}]").Load(
            """{"resourceType":"Specimen","id":"s1"}""",
            $$"""{"resourceType":"DiagnosticReport","id":"r","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/p1"},"effectiveDateTime":"2026-10-01","result":[{{results}}]}""");

        await using var record = await bench.RecordAsync();

        Assert.Multiple(() =>
        {
            Assert.That(Enumerable.Range(0, 100).Sum(i => bench.Ehr.Requests.CountOf("GET", $"/Observation/lost{i:000}")), Is.EqualTo(16), "as many as there was room for");
            Assert.That(record.GapLines().Count(g => g.EndsWith("limit DiagnosticReport.result", StringComparison.Ordinal)), Is.EqualTo(84));
            Assert.That(record.Keys(), Does.Contain("Specimen/s1"), "what the order names comes before all");
        });
    }

    [Test]
    public async Task What_may_be_the_childs_in_another_record_is_not_looked_into_without_end()
    {
        await using var bench = await GatherBench.StartAsync();
        string[] theirs = [.. Enumerable.Range(0, TargetGuard.MostVainProofs + 10).Select(i => $"theirs{i:000}")];
        bench.WithOrder().Load([
            .. theirs.Select(id => GatherBench.Observation(id, "\"focus\":[{\"reference\":\"Patient/p1\"}]", patient: "p2")),
            $$"""
            {"resourceType":"DiagnosticReport","id":"r","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/p1"},"effectiveDateTime":"2026-10-01",
             "result":[{{string.Join(',', theirs.Select(id => $$"""{"reference":"Observation/{{id}}"}"""))}}]}
            """]);

        await using var record = await bench.RecordAsync();

        Assert.Multiple(() =>
        {
            Assert.That(bench.Ehr.Requests.CountOf("GET", "/Patient/p2"), Is.EqualTo(TargetGuard.MostVainProofs));
            Assert.That(record.GapLines().Count(g => g.EndsWith(" other-patient DiagnosticReport.result", StringComparison.Ordinal)), Is.EqualTo(theirs.Length));
        });
    }
}
