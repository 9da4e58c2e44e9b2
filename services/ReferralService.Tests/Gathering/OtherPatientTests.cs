using ReferralService.Contracts;
using ReferralService.Gathering;
using ReferralService.Sandbox.Faults;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Gathering;

public sealed class OtherPatientTests
{
    [TestCase("Patient/p2")]
    [TestCase("https://elsewhere.example/fhir/Patient/p1")]
    [Fault("E12")]
    public async Task Somebody_elses_result_in_a_search_is_dropped_and_reported(string subject)
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder().Load(GatherBench.Observation("mine"));
        var other = GatherBench.Observation("theirs").Replace("Patient/p1", subject, StringComparison.Ordinal);
        bench.Ehr.Faults.Add(new Fault { Path = "^/Observation", Times = null, Body = Page(other, GatherBench.Observation("mine")) });

        await using var record = await bench.RecordAsync();

        Assert.That(record.Keys(), Does.Contain("Observation/mine").And.Not.Contain("Observation/theirs"));
        Assert.That(record.GapLines(), Does.Contain("Observation/theirs other-patient search.Observation"));
    }

    [Test]
    [Fault("E12")]
    public async Task A_hit_that_does_not_say_whose_it_is_is_dropped_and_reported()
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder();
        bench.Ehr.Faults.Add(new Fault { Path = "^/Observation", Times = null, Body = Page("""{"resourceType":"Observation","id":"x","status":"final","subject":{"reference":"Group/g"}}""") });

        await using var record = await bench.RecordAsync();

        Assert.That(record.GapLines(), Is.EqualTo(new[] { "Observation/x patient-unknown search.Observation" }));
    }

    [Test]
    [Fault("E12")]
    public async Task An_outcome_among_the_hits_is_no_part_of_the_record_and_an_error_in_it_is_reported()
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder();
        bench.Ehr.Faults.Add(new Fault { Path = "^/Observation", Times = null, Body = Page("""{"resourceType":"OperationOutcome","id":"w","issue":[{"severity":"error","code":"incomplete"}]}""") });

        await using var record = await bench.RecordAsync();

        Assert.That(record.Keys(), Is.EqualTo(new[] { "Patient/p1", "ServiceRequest/o1" }));
        Assert.That(record.GapLines(), Is.EqualTo(new[] { "Observation?search.Observation incomplete-answer search.Observation" }));
    }

    [TestCase("""{"resourceType":"DocumentReference","id":"d","status":"current","subject":{"reference":"Patient/p2"}}""", "DocumentReference/d")]
    [TestCase("""{"resourceType":"Coverage","id":"d","status":"active","beneficiary":{"reference":"Patient/p2"}}""", "Coverage/d")]
    [TestCase("""{"resourceType":"AllergyIntolerance","id":"d","patient":{"reference":"Patient/p2"}}""", "AllergyIntolerance/d")]
    [TestCase("""{"resourceType":"Patient","id":"p2"}""", "Patient/p2")]
    [TestCase("""{"resourceType":"Task","id":"d","status":"requested","intent":"order","for":{"reference":"Patient/p2"}}""", "Task/d")]
    [TestCase("""{"resourceType":"Appointment","id":"d","status":"booked","participant":[{"actor":{"reference":"Practitioner/x"},"status":"accepted"},{"actor":{"reference":"Patient/p2"},"status":"accepted"}]}""", "Appointment/d")]
    [TestCase("""{"resourceType":"Bundle","id":"d","type":"document","entry":[{"fullUrl":"urn:uuid:8a5a3a0e-0000-4000-8000-000000000001","resource":{"resourceType":"Composition","subject":{"reference":"Patient/p2"}}}]}""", "Bundle/d")]
    [TestCase("""{"resourceType":"Observation","id":"d","status":"final","contained":[{"resourceType":"Specimen","id":"s","subject":{"reference":"Patient/p2"}}],"subject":{"reference":"Patient/p1"}}""", "Observation/d")]
    public async Task Somebody_else_where_the_order_itself_leads_holds_the_referral(string resource, string reference)
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder($$"""
            "supportingInfo":[{"reference":"{{reference}}"}]
            """).Load(resource);

        Assert.That(await bench.GatherAsync(), Is.InstanceOf<GatherOutcome.Impossible>().With.Property("Code").EqualTo(ReasonCodes.WrongPatient));
    }

    [TestCase("""{"resourceType":"Task","id":"d","status":"requested","intent":"order","for":{"reference":"Patient/p1"}}""", "Task/d")]
    [TestCase("""{"resourceType":"Appointment","id":"d","status":"booked","participant":[{"actor":{"reference":"Practitioner/x"},"status":"accepted"},{"actor":{"reference":"Patient/p1"},"status":"accepted"}]}""", "Appointment/d")]
    [TestCase("""{"resourceType":"Bundle","id":"d","type":"document","entry":[{"fullUrl":"urn:uuid:8a5a3a0e-0000-4000-8000-000000000001","resource":{"resourceType":"Composition","subject":{"reference":"urn:uuid:8a5a3a0e-0000-4000-8000-000000000002"}}}]}""", "Bundle/d")]
    [TestCase("""{"resourceType":"Observation","id":"d","status":"final","contained":[{"resourceType":"Specimen","id":"s","subject":{"reference":"#p"}}],"subject":{"reference":"Patient/p1"}}""", "Observation/d")]
    public async Task What_the_order_names_of_this_patient_comes_along_by_whatever_element_says_so(string resource, string reference)
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder($$"""
            "supportingInfo":[{"reference":"{{reference}}"}]
            """).Load(resource);

        await using var record = await bench.RecordAsync();

        Assert.That(record.Keys(), Does.Contain(reference));
    }

    [Test]
    public async Task A_server_that_sends_everybodys_results_does_not_use_up_the_record()
    {
        await using var bench = await GatherBench.StartAsync(options: new GatheringOptions { MaxRecordBytes = 1 << 20 });
        bench.WithOrder();
        var others = Enumerable.Range(0, 12).Select(i => GatherBench.Observation($"theirs{i}", $"\"note\":[{{\"text\":\"{new string('x', 60_000)}\"}}]", patient: "p2"));
        bench.Ehr.Faults.Add(new Fault { Path = "^/Observation", Times = null, Body = Page([.. others, GatherBench.Observation("mine")]) });

        await using var record = await bench.RecordAsync();

        Assert.That(record.Keys(), Does.Contain("Observation/mine"));
    }

    [Test]
    public async Task Somebody_elses_result_behind_a_report_is_a_gap()
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder().Load(
            GatherBench.Observation("theirs", patient: "p2"),
            """{"resourceType":"DiagnosticReport","id":"r","status":"final","subject":{"reference":"Patient/p1"},"effectiveDateTime":"2026-01-01","result":[{"reference":"Observation/theirs"}]}""");

        await using var record = await bench.RecordAsync();

        Assert.That(record.Keys(), Does.Contain("DiagnosticReport/r").And.Not.Contain("Observation/theirs"));
        Assert.That(record.GapLines(), Does.Contain("Observation/theirs other-patient DiagnosticReport.result"));
    }

    [TestCase("'subject':{'reference':'Group/g'}")]
    [TestCase("'subject':{'display':'Somebody'}")]
    [TestCase("'subject':{'reference':'https://elsewhere.example/fhir/Patient/p1'}")]
    [TestCase("'subject':{'reference':'#p'}")]
    [TestCase("'code':{'text':'no subject'}")]
    public async Task An_order_whose_subject_is_no_patient_of_this_EHR_is_held(string elements)
    {
        await using var bench = await GatherBench.StartAsync();
        bench.Load($$"""{"resourceType":"ServiceRequest","id":"o1","status":"active","intent":"order",{{elements.Replace('\'', '"')}}}""");

        Assert.That(await bench.GatherAsync(), Is.InstanceOf<GatherOutcome.Impossible>().With.Property("Code").EqualTo(ReasonCodes.WrongPatient));
        Assert.That(bench.Ehr.Requests.All.Select(r => r.PathAndQuery), Is.EqualTo(new[] { "/ServiceRequest/o1" }));
    }

    private static string Page(params string[] resources)
        => $$"""{"resourceType":"Bundle","type":"searchset","entry":[{{string.Join(',', resources.Select(r => $$"""{"resource":{{r}}}"""))}}]}""";
}
