using ReferralService.Contracts;
using ReferralService.Gathering;
using ReferralService.Sandbox.Faults;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Gathering;

/// <summary>What is another patient's never travels; the exceptions, one by one; and what only looks like one.</summary>
[Fault("E12")]
public sealed class PatientGuardTests
{
    private const string Subject = "\"subject\":{\"reference\":\"Patient/p1\"}";
    private const string RoleCode = "http://terminology.hl7.org/CodeSystem/v3-RoleCode";

    // Charted of the newborn p1 in its mother's record.
    private const string Birth = """{"resourceType":"Observation","id":"apgar","status":"final","code":{"text":"Apgar"},"subject":{"reference":"Patient/mother"},"focus":[{"reference":"Patient/p1"}]}""";
    private const string Mother = """{"resourceType":"Patient","id":"mother","link":[{"type":"seealso","other":{"reference":"RelatedPerson/mum"}}]}""";

    [TestCase("order")]
    [TestCase("result")]
    public async Task What_was_charted_of_a_newborn_in_its_mothers_record_comes_with_the_proof(string way)
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder(way == "order" ? Supporting("Observation/apgar") : "");
        bench.Load(Birth, Mother, Mum(), Own("Observation/apgar"));

        await using var record = await bench.RecordAsync();

        Assert.Multiple(() =>
        {
            Assert.That(record.Reasons("apgar"), Does.Contain(new InclusionReason("exception.mother-and-child", "RelatedPerson/mum")));
            Assert.That(record.Keys(), Does.Not.Contain("Patient/mother"), "there is one Patient in a package");
            Assert.That(record.Exceptions.Select(e => $"{e.Resource} {e.Patient} {e.Proof}"), Is.EqualTo(new[] { "Observation/apgar Patient/mother RelatedPerson/mum" }));
        });
    }

    [Test]
    public async Task What_was_charted_of_a_mother_in_her_childs_record_comes_when_the_mothers_own_link_says_so()
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder(Supporting("Observation/apgar"));
        bench.Load(
            """{"resourceType":"Patient","id":"p1","link":[{"type":"seealso","other":{"reference":"RelatedPerson/mum"}}]}""",
            """{"resourceType":"Patient","id":"mother"}""", Birth, Mum(of: "Patient/mother"));

        await using var record = await bench.RecordAsync();

        Assert.That(record.Keys(), Does.Contain("Observation/apgar").And.Not.Contain("RelatedPerson/mum"));
    }

    private static IEnumerable<TestCaseData> NotProved =>
    [
        new TestCaseData(Birth.Replace(",\"focus\":[{\"reference\":\"Patient/p1\"}]", "", StringComparison.Ordinal), Mother, Mum()).SetArgDisplayNames("of the mother herself"),
        new TestCaseData(Birth.Replace("\"focus\":[{\"reference\":\"Patient/p1\"}]", "\"focus\":[{\"reference\":\"Patient/twin\"}]", StringComparison.Ordinal), Mother, Mum()).SetArgDisplayNames("of another child of hers"),
        new TestCaseData(Birth, """{"resourceType":"Patient","id":"mother"}""", Mum()).SetArgDisplayNames("no link"),
        new TestCaseData(Birth, Mother, "").SetArgDisplayNames("no related person"),
        new TestCaseData(Birth, Mother, Mum(of: "Patient/twin")).SetArgDisplayNames("the related person is another's"),
        new TestCaseData(Birth, Mother, Mum(code: "NBOR")).SetArgDisplayNames("a neighbour"),
        new TestCaseData(Birth, Mother, Mum(system: "urn:own")).SetArgDisplayNames("a code of nobody knows what"),
        new TestCaseData(Birth, Mother, Mum().Replace("[{\"coding\"", "{\"coding\"", StringComparison.Ordinal).Replace("]}]", "]}", StringComparison.Ordinal)).SetArgDisplayNames("a relationship that cannot be read"),
    ];

    [TestCaseSource(nameof(NotProved))]
    public async Task What_is_not_proved_is_another_patients_behind_a_result_and_holds_where_the_order_names_it(string birth, string mother, string person)
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder().Load([birth, mother, Own("Observation/apgar"), .. person.Length > 0 ? new[] { person } : []]);

        await using (var record = await bench.RecordAsync())
        {
            Assert.That(record.Keys(), Does.Contain("Observation/own").And.Not.Contain("Observation/apgar"));
            Assert.That(record.GapLines(), Does.Contain("Observation/apgar other-patient Observation.derivedFrom"));
        }

        bench.WithOrder(Supporting("Observation/apgar"));
        Assert.That(await bench.GatherAsync(), Is.InstanceOf<GatherOutcome.Impossible>().With.Property("Code").EqualTo(ReasonCodes.WrongPatient));
    }

    [TestCase("replaces")]
    [TestCase("replaced-by")]
    [TestCase("seealso")]
    public async Task Another_record_of_the_same_person_is_named_and_nothing_of_it_is_carried(string type)
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder().Load(
            $$"""{"resourceType":"Patient","id":"p1","link":[{"type":"{{type}}","other":{"reference":"Patient/p0"} }]}""", """{"resourceType":"Patient","id":"p0"}""",
            GatherBench.Observation("old", patient: "p0"), Own("Observation/old"));

        await using var record = await bench.RecordAsync();

        Assert.Multiple(() =>
        {
            Assert.That(record.Keys(), Does.Not.Contain("Patient/p0").And.Not.Contain("Observation/old"));
            Assert.That(record.GapLines(), Is.SupersetOf(new[] { "Patient/p0 named-only Patient.link.other", "Observation/old other-patient Observation.derivedFrom" }));
        });
    }

    [Test]
    public async Task A_related_person_of_this_patient_comes_along()
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder("\"requester\":{\"reference\":\"RelatedPerson/mum\"}").Load(Mum());

        await using var record = await bench.RecordAsync();

        Assert.That(record.Keys(), Does.Contain("RelatedPerson/mum"));
    }

    [TestCase("""{"resourceType":"RelatedPerson","id":"x","patient":{"reference":"Patient/p2"}}""", "RelatedPerson/x")]
    [TestCase("""{"resourceType":"Group","id":"x","type":"person","actual":true,"member":[{"entity":{"reference":"Patient/p1"}},{"entity":{"reference":"Patient/p2"}}]}""", "Group/x")]
    [TestCase("""{"resourceType":"Binary","id":"x","contentType":"application/pdf","securityContext":{"reference":"Patient/p2"},"data":"AAAA"}""", "Binary/x")]
    [TestCase("""{"resourceType":"Binary","id":"x","contentType":"application/pdf","securityContext":{"reference":"DocumentReference/theirs"},"data":"AAAA"}""", "Binary/x")]
    [TestCase("""{"resourceType":"Provenance","id":"x","target":[{"reference":"Patient/p2"}]}""", "Provenance/x")]
    [TestCase("""{"resourceType":"Observation","id":"x","status":"final","subject":{"reference":"Patient/p1"},"contained":[{"resourceType":"Observation","id":"i","subject":{"reference":"Patient/p2"}}]}""", "Observation/x")]
    public async Task Another_patients_where_the_order_leads_holds_the_referral(string resource, string reference)
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder(Supporting(reference)).Load(resource, """{"resourceType":"DocumentReference","id":"theirs","status":"current","subject":{"reference":"Patient/p2"},"content":[{"attachment":{"title":"x"}}]}""");

        Assert.That(await bench.GatherAsync(), Is.InstanceOf<GatherOutcome.Impossible>().With.Property("Code").EqualTo(ReasonCodes.WrongPatient));
    }

    [TestCase("\"subject\":{\"reference\":\"Group/g\"}", TestName = "A group")]
    [TestCase("\"subject\":{\"reference\":\"Device/d\"}", TestName = "A thing")]
    [TestCase("\"subject\":{\"reference\":\"Patient?identifier=urn:mrn|1\"}", TestName = "A search instead of a reference")]
    [TestCase("\"subject\":{\"reference\":\"#p\"},\"contained\":[{\"resourceType\":\"Patient\",\"id\":\"p\"}]", TestName = "Somebody carried inside")]
    [TestCase("\"subject\":{\"reference\":\"urn:uuid:8a5a3a0e-0000-4000-8000-000000000001\"}", TestName = "Somebody by a name that leads nowhere")]
    [TestCase("\"subject\":{\"identifier\":{\"system\":\"urn:mrn\",\"value\":\"1\"}}", TestName = "An identifier instead of a reference")]
    [TestCase("\"subject\":{\"display\":\"Somebody\"}", TestName = "A name instead of a reference")]
    public async Task Whose_it_is_must_be_verifiable(string elements)
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder().Load($$"""{"resourceType":"Media","id":"x","status":"completed",{{elements}}}""", Own("Media/x"));

        await using var record = await bench.RecordAsync();

        Assert.Multiple(() =>
        {
            Assert.That(record.Keys(), Does.Contain("Observation/own").And.Not.Contain("Media/x"));
            Assert.That(record.GapLines(), Does.Contain("Media/x patient-unknown Observation.derivedFrom"));
        });
    }

    [TestCase("DocumentReference/mine", null)]
    [TestCase("DocumentReference/lost", "patient-unknown")]
    [TestCase("https://elsewhere.example/fhir/DocumentReference/theirs", "patient-unknown")]
    public async Task A_file_is_guarded_as_the_document_that_its_security_context_names(string context, string? reason)
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder(Supporting("Binary/x")).Load(
            $$"""{"resourceType":"Binary","id":"x","contentType":"application/pdf","securityContext":{"reference":"{{context}}"},"data":"AAAA"}""",
            $$"""{"resourceType":"DocumentReference","id":"mine","status":"superseded",{{Subject}},"content":[{"attachment":{"title":"x"} }]}""");

        await using var record = await bench.RecordAsync();

        Assert.That(record.GapLines().Where(g => g.StartsWith("Binary/x", StringComparison.Ordinal)), Is.EqualTo(reason is null ? Array.Empty<string>() : [$"Binary/x {reason} order.supportingInfo"]));
        Assert.That(record.Keys().Contains("Binary/x"), Is.EqualTo(reason is null));
        Assert.That(record.Keys(), Does.Not.Contain(context), "it is looked at and not carried");
    }

    [Test]
    public async Task A_file_waits_for_what_guards_it_and_is_a_gap_at_the_third_try()
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder(Supporting("Binary/x")).Load("""{"resourceType":"Binary","id":"x","contentType":"application/pdf","securityContext":{"reference":"DocumentReference/slow"},"data":"AAAA"}""");
        bench.Ehr.Faults.Add(new Fault { Path = "^/DocumentReference/slow", Status = 503, Times = null });

        Assert.That(await bench.GatherAsync(), Is.InstanceOf<GatherOutcome.Deferred>());
        await using var record = await bench.RecordAsync(tries: 2);

        Assert.That(record.GapLines(), Has.One.EqualTo("Binary/x patient-unknown order.supportingInfo"));
        Assert.That(record.Keys(), Does.Not.Contain("Binary/x"));
    }

    private static string Supporting(string reference) => $$"""
        "supportingInfo":[{"reference":"{{reference}}"}]
        """;

    /// <summary>This patient's own result, which refers to something.</summary>
    private static string Own(string reference) => GatherBench.Observation("own", $$"""
        "effectiveDateTime":"2026-10-01T08:00:00Z","derivedFrom":[{"reference":"{{reference}}"}]
        """);

    private static string Mum(string of = "Patient/p1", string code = "MTH", string system = RoleCode)
        => $$"""{"resourceType":"RelatedPerson","id":"mum","patient":{"reference":"{{of}}"},"relationship":[{"coding":[{"system":"{{system}}","code":"{{code}}"}]}]}""";
}
