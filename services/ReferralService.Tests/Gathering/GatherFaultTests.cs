using ReferralService.Contracts;
using ReferralService.Gathering;
using ReferralService.Intake;
using ReferralService.Sandbox.Ehr;
using ReferralService.Sandbox.Faults;
using ReferralService.Sandbox.Serving;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Gathering;

public sealed class GatherFaultTests
{
    [TestCase(503)]
    [TestCase(500)]
    [TestCase(408)]
    [Fault("E06")]
    public async Task A_passing_fault_of_a_search_is_retried_and_counted(int status)
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder().Load(GatherBench.Observation("a"));
        bench.Ehr.Faults.Add(new Fault { Path = "^/Observation.*date=ge", Status = status, Times = 2 });

        await using var record = await bench.RecordAsync();

        Assert.That(record.Keys(), Does.Contain("Observation/a"));
        Assert.That(bench.Ehr.Requests.All.Count(r => r.PathAndQuery.Contains("/Observation?") && r.PathAndQuery.Contains("date=ge")), Is.EqualTo(3));
    }

    [Test]
    public async Task A_long_Retry_After_defers_the_gathering_and_is_handed_up()
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder();
        bench.Ehr.Faults.Add(new Fault { Path = "^/Observation", Status = 429, RetryAfter = "120", Times = null });

        var deferred = (GatherOutcome.Deferred)await bench.GatherAsync();

        Assert.That(deferred.Code, Is.EqualTo(ReasonCodes.EhrThrottled));
        Assert.That(deferred.RetryAfter, Is.EqualTo(TimeSpan.FromSeconds(120)).Within(TimeSpan.FromSeconds(5)));
        Assert.That(bench.Ehr.Requests.CountOf("GET", "/Observation"), Is.EqualTo(1));
    }

    [Test]
    [Fault("E08")]
    public async Task A_page_that_breaks_off_is_asked_for_again_and_nothing_is_there_twice()
    {
        await using var bench = await GatherBench.StartAsync(new SandboxEhrOptions { Search = new SearchHabits(MaxPageSize: 5) });
        bench.WithOrder().Load([.. Enumerable.Range(0, 12).Select(i => GatherBench.Observation($"o{i}"))]);
        bench.Ehr.Faults.Add(new Fault { Path = "^/Observation.*date=ge", TruncateAfter = 900 });
        bench.Ehr.Faults.Add(new Fault { Path = "_getpages", TruncateAfter = 700, Times = 2 });
        bench.Ehr.Faults.Add(new Fault { Path = "^/Observation.*date:missing", Cut = Cut.AfterProcessing });

        await using var record = await bench.RecordAsync();

        var search = record.Searches.Single(s => s.Query.Contains("date=ge") && s.Type == "Observation");
        Assert.That((search.Pages, search.Found, search.Kept), Is.EqualTo((3, 12, 12)));
        Assert.That(record.Keys().Where(k => k.StartsWith("Observation/", StringComparison.Ordinal)), Is.Unique.And.Exactly(12).Items);
        Assert.That(bench.Ehr.Requests.All.Count(r => r.Fault is not null), Is.EqualTo(4));
    }

    [Test]
    [Fault("E04")]
    public async Task A_walk_whose_pages_are_forgotten_starts_again_once()
    {
        await using var bench = await GatherBench.StartAsync(new SandboxEhrOptions { Search = new SearchHabits(MaxPageSize: 5) });
        bench.WithOrder().Load([.. Enumerable.Range(0, 12).Select(i => GatherBench.Observation($"o{i}"))]);
        bench.Ehr.Faults.Add(new Fault { Path = "_getpages", Status = 410, Skip = 1 });

        await using var record = await bench.RecordAsync();

        Assert.That(record.Searches.Single(s => s.Query.Contains("date=ge") && s.Type == "Observation").Found, Is.EqualTo(12));
        Assert.That(record.Keys().Where(k => k.StartsWith("Observation/", StringComparison.Ordinal)), Is.Unique.And.Exactly(12).Items);
        Assert.That(bench.Ehr.Requests.All.Count(r => r.PathAndQuery.Contains("/Observation?") && r.PathAndQuery.Contains("date=ge")), Is.EqualTo(2));
    }

    [TestCase(0, false)]
    [TestCase(1, false)]
    [TestCase(2, true)]
    public async Task An_optional_pull_that_keeps_failing_is_a_gap_from_the_third_try(int tries, bool gathered)
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder();
        bench.Ehr.Faults.Add(new Fault { Path = "^/Immunization", Status = 503, Times = null });

        var outcome = await bench.GatherAsync(tries: tries);

        if (!gathered)
        {
            Assert.That(outcome, Is.EqualTo(new GatherOutcome.Deferred(ReasonCodes.EhrError, null)));
            return;
        }

        await using var record = ((GatherOutcome.Gathered)outcome).Record;
        Assert.That(record.GapLines(), Is.EqualTo(new[] { "Immunization?search.Immunization unreachable search.Immunization" }));
    }

    [TestCase(0, false)]
    [TestCase(2, true)]
    public async Task A_reference_that_cannot_be_read_for_now_is_a_gap_from_the_third_try(int tries, bool gathered)
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder("\"requester\":{\"reference\":\"Practitioner/doc\"}").Load("""{"resourceType":"Practitioner","id":"doc"}""");
        bench.Ehr.Faults.Add(new Fault { Path = "^/Practitioner", Cut = Cut.BeforeProcessing, Times = null });

        var outcome = await bench.GatherAsync(tries: tries);

        Assert.That(outcome is GatherOutcome.Gathered, Is.EqualTo(gathered));
        if (outcome is not GatherOutcome.Gathered { Record: var record }) return;
        Assert.That(record.GapLines(), Is.EqualTo(new[] { "Practitioner/doc unreachable order.requester" }));
        await record.DisposeAsync();
    }

    [TestCase("^/Observation", 401, ReasonCodes.AuthRefused)]
    [TestCase("^/Observation", 403, ReasonCodes.AuthRefused)]
    [TestCase("^/Immunization", 401, ReasonCodes.AuthRefused)]
    [TestCase("^/Patient", 403, ReasonCodes.AuthRefused)]
    [TestCase("^/Patient", 404, ReasonCodes.RecordIncomplete)]
    [TestCase("^/Patient", 410, ReasonCodes.RecordIncomplete)]
    [TestCase("^/DiagnosticReport", 404, ReasonCodes.EndpointWrong)]
    [TestCase("^/DiagnosticReport", 302, ReasonCodes.EndpointWrong)]
    [Fault("E01")]
    [Fault("E02")]
    [Fault("E03")]
    [Fault("E11")]
    public async Task What_must_be_had_and_will_not_come_by_itself_holds_the_referral(string path, int status, string code)
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder();
        bench.Ehr.Faults.Add(new Fault { Path = path, Status = status, Times = null });

        Assert.That(await bench.GatherAsync(tries: 5), Is.InstanceOf<GatherOutcome.Impossible>().With.Property("Code").EqualTo(code));
    }

    [TestCase("^/Immunization", 403, "forbidden")]
    [TestCase("^/Immunization", 400, "refused")]
    [TestCase("^/Immunization", 404, "not-offered")]
    [TestCase("^/Immunization", 501, "refused")]
    [Fault("E02")]
    public async Task An_optional_search_that_is_refused_is_a_gap_at_once(string path, int status, string reason)
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder();
        bench.Ehr.Faults.Add(new Fault { Path = path, Status = status, Body = Outcome("invalid"), Times = null });

        await using var record = await bench.RecordAsync();

        Assert.That(record.GapLines(), Is.EqualTo(new[] { $"Immunization?search.Immunization {reason} search.Immunization" }));
    }

    [Test]
    public async Task A_refusal_that_calls_itself_passing_is_waited_out_first()
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder();
        bench.Ehr.Faults.Add(new Fault { Path = "^/Immunization", Status = 400, Body = Outcome("lock-error"), Times = null });

        Assert.That(await bench.GatherAsync(), Is.EqualTo(new GatherOutcome.Deferred(ReasonCodes.EhrError, null)));
    }

    [Test]
    [Fault("E09")]
    public async Task A_login_page_is_no_FHIR_and_is_not_asked_again()
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder();
        bench.Ehr.Faults.Add(new Fault { Path = "^/Observation", Body = "<html>Sign in</html>", ContentType = "text/html", Times = null });

        Assert.That(await bench.GatherAsync(), Is.InstanceOf<GatherOutcome.Impossible>().With.Property("Code").EqualTo(ReasonCodes.NotFhir));
        Assert.That(bench.Ehr.Requests.CountOf("GET", "/Observation"), Is.EqualTo(1));
    }

    [Test]
    [Fault("E11")]
    public async Task A_next_link_to_another_server_is_never_followed()
    {
        await using var other = await SandboxEhr.StartAsync();
        await using var bench = await GatherBench.StartAsync(ehrOptions: new EhrOptions
        {
            Name = "main", BaseUrl = new Uri("http://set.later"), Auth = new PartnerAuth { Kind = AuthKind.Bearer, Token = "secret" },
        });
        bench.WithOrder();
        bench.Ehr.Faults.Add(new Fault
        {
            Path = "^/Observation",
            Times = null,
            Body = $$"""{"resourceType":"Bundle","type":"searchset","link":[{"relation":"next","url":"{{other.Base}}/Observation?page=2"}]}""",
        });

        Assert.That(await bench.GatherAsync(), Is.InstanceOf<GatherOutcome.Impossible>().With.Property("Code").EqualTo(ReasonCodes.EndpointWrong));
        Assert.That(other.Requests.Count, Is.Zero);
        Assert.That(bench.Ehr.Requests.All, Is.All.Matches<LoggedRequest>(r => r.Headers["Authorization"] == "Bearer secret"));
    }

    [Test]
    [Fault("E10")]
    public async Task A_walk_that_goes_round_in_circles_ends_as_too_costly()
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder();
        bench.Ehr.Faults.Add(new Fault
        {
            Path = "^/Observation",
            Times = null,
            Body = $$"""{"resourceType":"Bundle","type":"searchset","link":[{"relation":"next","url":"{{bench.Ehr.Base}}/Observation?page=2"}]}""",
        });

        Assert.That(await bench.GatherAsync(), Is.InstanceOf<GatherOutcome.Impossible>().With.Property("Code").EqualTo(ReasonCodes.TooCostly));
    }

    [TestCase(ReasonCodes.TooCostly)]
    [TestCase(ReasonCodes.TooLarge)]
    [Fault("E15")]
    public async Task A_record_beyond_its_bounds_is_held_not_cut(string code)
    {
        var options = code == ReasonCodes.TooCostly ? new GatheringOptions { MaxResources = 10 } : new GatheringOptions { MaxRecordBytes = 3_000 };
        await using var bench = await GatherBench.StartAsync(options: options);
        bench.WithOrder().Load([.. Enumerable.Range(0, 20).Select(i => GatherBench.Observation($"o{i}"))]);

        Assert.That(await bench.GatherAsync(), Is.InstanceOf<GatherOutcome.Impossible>().With.Property("Code").EqualTo(code));
    }

    [TestCase(0, TestName = "Pages that break off in the middle do not count towards the size of the record")]
    [TestCase(400_000, TestName = "Files of pages that break off do not count towards the size of the record")]
    [Fault("E15")]
    public async Task Only_what_is_kept_counts(int file)
    {
        await using var bench = await GatherBench.StartAsync(options: new GatheringOptions { MaxRecordBytes = 1_000_000 });
        bench.WithOrder().Load([.. Enumerable.Range(0, 20).Select(i => GatherBench.Observation(
            $"o{i:00}", $$"""
            "effectiveDateTime":"2026-10-01T08:00:00Z","note":[{"text":"{{new string('.', file > 0 ? 10 : 25_000)}}"}],
            "extension":[{"url":"urn:x","valueString":"{{new string('A', i == 5 ? file : 0)}}"}]
            """))]);
        bench.Ehr.Faults.Add(new Fault { Path = "^/Observation", Times = 4, TruncateAfter = file > 0 ? 380_000 : 450_000 });

        await using var record = await bench.RecordAsync();

        Assert.That(bench.Ehr.Faults.Struck, Is.EqualTo(4));
        Assert.That(record.Keys().Count(k => k.StartsWith("Observation/", StringComparison.Ordinal)), Is.EqualTo(20));
    }

    [Test]
    public async Task Requests_run_side_by_side_but_no_more_than_the_option_says()
    {
        var clock = new ManualTimeProvider();
        await using var bench = await GatherBench.StartAsync(new SandboxEhrOptions { Clock = clock }, new GatheringOptions { Parallelism = 3 });
        bench.WithOrder();
        bench.Ehr.Faults.Add(new Fault { Path = "patient=|^/Patient/", Delay = TimeSpan.FromMinutes(1), Times = null });

        // The server holds every request until its clock moves: what waits there is what is under way.
        var gathering = bench.GatherAsync();
        int most = 0;
        using var ceiling = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (clock.Waiting < 3 && !gathering.IsCompleted && !ceiling.IsCancellationRequested) await Task.Yield();
        while (!gathering.IsCompleted && !ceiling.IsCancellationRequested)
        {
            most = Math.Max(most, clock.Waiting);
            clock.Advance(TimeSpan.FromMinutes(1));
            await Task.Yield();
        }

        Assert.That(most, Is.EqualTo(3));
        Assert.That(await gathering, Is.InstanceOf<GatherOutcome.Gathered>());
        await ((GatherOutcome.Gathered)await gathering).Record.DisposeAsync();
    }

    [Test]
    public async Task An_EHR_that_is_not_there_defers()
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder();
        bench.Ehr.Faults.Add(new Fault { Path = "^/", Cut = Cut.BeforeProcessing, Times = null, Skip = 1 });

        Assert.That(await bench.GatherAsync(), Is.InstanceOf<GatherOutcome.Deferred>().With.Property("Code").EqualTo(ReasonCodes.EhrUnreachable));
        Assert.That(bench.Contacts.Of(PartnerKind.Ehr, "main").Reachable, Is.False);
    }

    private static string Outcome(string code) => $$"""{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"{{code}}"}]}""";
}
