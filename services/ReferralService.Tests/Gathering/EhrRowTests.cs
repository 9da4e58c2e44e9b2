using System.Globalization;
using ReferralService.Contracts;
using ReferralService.Gathering;
using ReferralService.Sandbox.Faults;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Gathering;

/// <summary>What an EHR in trouble, or out to make trouble, does to a gathering.</summary>
public sealed class EhrRowTests
{
    [Test]
    [Fault("E01")]
    public async Task A_refused_token_is_not_tried_again_and_again()
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder();
        bench.Ehr.Faults.Add(new Fault { Path = "^/Observation", Status = 401, Times = null });

        Assert.That(await bench.GatherAsync(), Is.InstanceOf<GatherOutcome.Impossible>().With.Property("Code").EqualTo(ReasonCodes.AuthRefused));
        Assert.That(bench.Ehr.Requests.CountOf("GET", "/Observation"), Is.EqualTo(1));
    }

    [TestCase("120", null, 120)]
    [TestCase("1000000000", null, 3600)]
    [TestCase("99999999999999999999999", null, 3600)]
    [TestCase("Thu, 01 Jan 2015 00:02:00 GMT", "Thu, 01 Jan 2015 00:00:00 GMT", 120)]
    [TestCase("Fri, 01 Jan 2100 00:00:00 GMT", null, 3600)]
    [TestCase("-5", null, null)]
    [TestCase("soon, perhaps", null, null)]
    [TestCase("120, 240", null, null)]
    [Fault("E05")]
    public async Task What_an_EHR_asks_for_is_granted_up_to_an_hour_in_whatever_form_it_asks(string retryAfter, string? date, int? seconds)
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder();
        var headers = date is null ? [] : new Dictionary<string, string> { ["Date"] = date };
        bench.Ehr.Faults.Add(new Fault { Path = "^/Observation", Status = 429, RetryAfter = retryAfter, Headers = headers, Times = null });

        var deferred = (GatherOutcome.Deferred)await bench.GatherAsync();

        Assert.That(deferred.Code, Is.EqualTo(ReasonCodes.EhrThrottled));
        Assert.That(deferred.RetryAfter?.TotalSeconds, seconds is { } s ? Is.EqualTo(s).Within(2) : Is.Null);
        Assert.That(bench.Ehr.Requests.CountOf("GET", "/Observation"), Is.EqualTo(seconds is null ? 5 : 1));
    }

    [Test]
    [Fault("E06")]
    public async Task An_EHR_that_fails_every_other_time_gives_its_record_in_the_end_and_nothing_twice()
    {
        await using var bench = await GatherBench.StartAsync(new() { Search = new(MaxPageSize: 5) });
        bench.WithOrder().Load([.. Enumerable.Range(0, 40).Select(i => GatherBench.Observation($"o{i}"))]);
        var reading = (OrderReading.Found)await bench.Orders.ReadAsync("main", "o1", CancellationToken.None);
        var random = new Random(6);
        for (int i = 0; i < 60; i++) bench.Ehr.Faults.Add(new Fault { Skip = random.Next(3), Status = 500 + random.Next(2, 5) });

        GatherOutcome outcome;
        int tries = 0;
        do outcome = await bench.Gatherer.GatherAsync(reading.Order, GatherBench.Now, tries: 0, CancellationToken.None);
        while (outcome is GatherOutcome.Deferred && ++tries < 10);

        await using var record = ((GatherOutcome.Gathered)outcome).Record;
        Assert.That(record.Keys().Where(k => k.StartsWith("Observation/", StringComparison.Ordinal)), Is.Unique.And.Exactly(40).Items);
        Assert.That(record.GapLines(), Is.Empty);
        // Which requests they strike, and so how many are needed, hangs on the order in which parallel searches come.
        Assert.That(bench.Ehr.Faults.Struck, Is.GreaterThan(10));
    }

    [TestCase(0, false)]
    [TestCase(2, true)]
    [Fault("E08")]
    public async Task JSON_that_ends_too_early_is_asked_for_again_and_at_the_third_try_held(int tries, bool held)
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder();
        bench.Ehr.Faults.Add(new Fault
        {
            Path = "^/Observation", Times = null,
            Body = $$"""{"resourceType":"Bundle","type":"searchset","entry":[{"resource":{{GatherBench.Observation("a")}}},{"resource":{"resourceType":"Obs""",
        });

        var outcome = await bench.GatherAsync(tries: tries);

        Assert.That(outcome, held
            ? Is.InstanceOf<GatherOutcome.Impossible>().With.Property("Code").EqualTo(ReasonCodes.RecordIncomplete)
            : Is.EqualTo(new GatherOutcome.Deferred(ReasonCodes.EhrError, null)));
        Assert.That(bench.Ehr.Requests.CountOf("GET", "/Observation"), Is.EqualTo(5));
    }

    [TestCase("", "application/fhir+json")]
    [TestCase("\uFEFF{\"resourceType\":\"Bundle\",\"type\":\"searchset\"}", "application/fhir+json")]
    [TestCase("<html>Sign in</html>", "application/fhir+json")]
    [TestCase("<html>Sign in</html>", "text/html")]
    [TestCase("<Bundle/>", "application/fhir+xml")]
    [TestCase("Service Unavailable", "text/plain")]
    [TestCase("{\"message\":\"please log in\"}", "application/json")]
    [Fault("E09")]
    public async Task What_is_no_FHIR_JSON_is_a_wrong_setting_and_not_asked_for_again(string body, string type)
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder();
        bench.Ehr.Faults.Add(new Fault { Path = "^/Observation", Body = body, ContentType = type, Times = null });

        Assert.That(await bench.GatherAsync(), Is.InstanceOf<GatherOutcome.Impossible>().With.Property("Code").EqualTo(ReasonCodes.NotFhir));
        Assert.That(bench.Ehr.Requests.CountOf("GET", "/Observation"), Is.EqualTo(1));
    }

    [TestCase("a>a", 2)]
    [TestCase("a>b b>a", 3)]
    [TestCase("a>b b>c c>d d>e e>f f>g g>h h>i i>j j>k k>l", 10)]
    [Fault("E10")]
    public async Task Pages_that_never_end_are_stopped(string links, int pages)
    {
        await using var bench = await GatherBench.StartAsync(options: new GatheringOptions { MaxPages = 10 });
        bench.WithOrder();
        foreach (var link in links.Split(' ')) bench.Ehr.Faults.Add(Page($"page={link[0]}$", bench, link[2]));
        bench.Ehr.Faults.Add(Page("^/Observation\\?patient", bench, 'a'));

        Assert.That(await bench.GatherAsync(), Is.InstanceOf<GatherOutcome.Impossible>().With.Property("Code").EqualTo(ReasonCodes.TooCostly));
        Assert.That(bench.Ehr.Requests.CountOf("GET", "/Observation"), Is.EqualTo(pages));

        static Fault Page(string path, GatherBench bench, char next) => new()
        {
            Path = path, Times = null,
            Body = $$"""{"resourceType":"Bundle","type":"searchset","link":[{"relation":"next","url":"{{bench.Ehr.Base}}/Observation?page={{next}}"}]}""",
        };
    }

    [TestCase("http://169.254.169.254/latest/meta-data")]
    [TestCase("http://localhost.evil.example/fhir/Observation?page=2")]
    [TestCase("//evil.example/fhir/Observation?page=2")]
    [TestCase("https://{host}/fhir/Observation?page=2")]
    [TestCase("http://user@{host}/fhir/Observation?page=2")]
    [TestCase("http://{host}@evil.example/fhir/Observation?page=2")]
    [TestCase("file:///etc/passwd")]
    [TestCase("ftp://{host}/Observation")]
    [Fault("E11")]
    [Fault("S26")]
    public async Task A_next_link_that_leads_elsewhere_holds_the_referral_and_nobody_is_asked(string link)
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder();
        link = link.Replace("{host}", new Uri(bench.Ehr.Base).Authority);
        bench.Ehr.Faults.Add(new Fault
        {
            Path = "^/Observation", Times = null, Body = $$"""{"resourceType":"Bundle","type":"searchset","link":[{"relation":"next","url":"{{link}}"}]}""",
        });

        Assert.That(await bench.GatherAsync(), Is.InstanceOf<GatherOutcome.Impossible>().With.Property("Code").EqualTo(ReasonCodes.EndpointWrong));
        Assert.That(bench.Ehr.Requests.CountOf("GET", "/Observation"), Is.EqualTo(1));
    }

    [TestCase("Observation", "_count=200")]
    [TestCase("DiagnosticReport", "_count=200")]
    [TestCase("DiagnosticReport", "date=ge2024-11-22&_count=200")]
    [Fault("E13")]
    public async Task A_server_that_says_it_ignored_the_patient_and_gives_others_is_held(string type, string self)
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder();
        Ignore(bench, type, self);

        Assert.That(await bench.GatherAsync(), Is.InstanceOf<GatherOutcome.Impossible>().With.Property("Code").EqualTo(ReasonCodes.FilterIgnored));
    }

    [Test]
    [Fault("E13")]
    public async Task Of_an_optional_search_that_ignored_the_patient_nothing_is_used_and_that_is_said()
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder();
        Ignore(bench, "Procedure", "_count=200");

        await using var record = await bench.RecordAsync();

        Assert.That(record.Keys(), Is.EquivalentTo(new[] { "Patient/p1", "ServiceRequest/o1" }));
        Assert.That(record.GapLines(), Is.EqualTo(new[] { "Procedure?search.Procedure filter-ignored search.Procedure" }));
    }

    [TestCase("subject=Patient/p1&_count=200")]
    [TestCase("subject:Patient=p1&_count=200")]
    [TestCase("patient._id=p1&_count=200")]
    [TestCase("_snapshot=17")]
    [Fault("E12")]
    public async Task Where_the_patient_was_asked_by_another_name_or_nothing_is_said_others_are_only_dropped(string self)
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder();
        Ignore(bench, "Observation", self);

        await using var record = await bench.RecordAsync();

        Assert.That(record.Keys(), Does.Contain("Observation/mine").And.Not.Contain("Observation/theirs"));
        Assert.That(record.GapLines(), Does.Contain("Observation/theirs other-patient search.Observation"));
    }

    [Test]
    [Fault("E13")]
    public async Task Searches_ask_to_be_refused_rather_than_misunderstood()
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder();

        await using var record = await bench.RecordAsync();

        var searches = bench.Ehr.Requests.All.Where(r => r.PathAndQuery.Contains("patient=")).ToList();
        Assert.That(searches, Has.Count.GreaterThan(7));
        Assert.That(searches.Select(s => s.Headers.GetValueOrDefault("Prefer")), Is.All.EqualTo("handling=strict"));
    }

    [Test]
    [Fault("E12")]
    public async Task What_nobody_asked_to_have_included_is_not_packaged()
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder();
        bench.Ehr.Faults.Add(new Fault
        {
            Path = "^/Observation", Times = null,
            Body = $$"""
                {"resourceType":"Bundle","type":"searchset","entry":[
                 {"resource":{{GatherBench.Observation("a")}},"search":{"mode":"match"} },
                 {"resource":{"resourceType":"Practitioner","id":"uninvited"},"search":{"mode":"include"} },
                 {"resource":{"resourceType":"Patient","id":"p2"},"search":{"mode":"include"} }]}
                """,
        });

        await using var record = await bench.RecordAsync();

        Assert.That(record.Keys(), Is.EquivalentTo(new[] { "Observation/a", "Patient/p1", "ServiceRequest/o1" }));
    }

    private static void Ignore(GatherBench bench, string type, string self) => bench.Ehr.Faults.Add(new Fault
    {
        Path = $"^/{type}", Times = null,
        Body = string.Create(CultureInfo.InvariantCulture, $$"""
            {"resourceType":"Bundle","type":"searchset","link":[{"relation":"self","url":"{{bench.Ehr.Base}}/{{type}}?{{self}}"}],"entry":[
             {"resource":{{GatherBench.Observation("mine").Replace("Observation", type)}}},
             {"resource":{{GatherBench.Observation("theirs", patient: "p2").Replace("Observation", type)}}}]}
            """),
    });
}
