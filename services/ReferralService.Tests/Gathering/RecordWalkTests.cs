using System.Security.Cryptography;
using System.Text;
using ReferralService.Gathering;
using ReferralService.Sandbox.Ehr;
using ReferralService.Sandbox.Faults;
using ReferralService.Sandbox.Repository;
using ReferralService.Sandbox.Serving;
using ReferralService.Sandbox.SyntheticPatients;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Gathering;

public sealed class RecordWalkTests
{
    [Test]
    public async Task Every_body_of_a_long_record_is_byte_for_byte_what_the_EHR_has()
    {
        await using var bench = await GatherBench.StartAsync(new SandboxEhrOptions { Search = new SearchHabits(PageSize: 7, MaxPageSize: 40) });
        bench.Ehr.Load(new RecordGenerator(3, GatherBench.Now).Record(1, new RecordSize(Resources: 310, Attachments: 3, AttachmentBytes: 20_000)));
        bench.Ehr.Load(new RecordGenerator(3, GatherBench.Now).Noise(patients: 3, resourcesEach: 20));

        await using var record = await bench.RecordAsync("order-1");

        byte[] buffer = [];
        Assert.That(record.Resources, Has.Count.GreaterThan(300));
        Assert.That(record.Keys(), Is.Unique.And.Ordered.Using<string>(ByTypeThenId));
        foreach (var resource in record.Resources)
        {
            var expected = bench.Ehr.Bytes(resource.Key.ToString());
            Assert.That(expected, Is.Not.Null, resource.Key.ToString());
            Assert.That(record.Body(resource, ref buffer).Span.SequenceEqual(expected!.Value.Span), resource.Key.ToString());
            Assert.That(resource.Sha256.ToString(), Is.EqualTo(Convert.ToHexStringLower(SHA256.HashData(expected.Value.Span))));
            Assert.That(record.SourceUrl(resource), Is.EqualTo($"{bench.Ehr.Base}/{resource.Key}"));
            Assert.That(resource.Reasons, Is.Not.Empty);
        }
    }

    [Test]
    public async Task The_record_of_a_second_opinion_has_everything_the_story_tells()
    {
        await using var bench = await GatherBench.StartAsync();
        var story = SecondOpinionCase.Create(5, GatherBench.Now, CasePerformer.UrologyEast);
        bench.Ehr.Load(story.Record);
        bench.Ehr.Load([story.Order]);

        await using var record = await bench.RecordAsync(story.Order.Key["ServiceRequest/".Length..]);

        var missing = story.Record.Select(r => r.Key).Except(record.Keys()).ToList();
        // A cold that is over is no active problem, and nothing in the record leads to the first visit.
        Assert.That(missing, Is.EquivalentTo(new[] { "Condition/cold-s5", "Encounter/firstvisit-s5" }));
        Assert.That(record.GapLines(), Is.Empty);
    }

    [TestCase(1)]
    [TestCase(4)]
    [TestCase(32)]
    public async Task The_same_answers_give_the_same_record_however_many_requests_run_at_once(int parallelism)
    {
        await using var bench = await GatherBench.StartAsync(
            new SandboxEhrOptions { Search = new SearchHabits(MaxPageSize: 9) }, new GatheringOptions { Parallelism = parallelism });
        var story = SecondOpinionCase.Create(5, GatherBench.Now, CasePerformer.UrologyEast);
        bench.Ehr.Load(story.Record);
        bench.Ehr.Load([story.Order]);

        await using var record = await bench.RecordAsync(story.Order.Key["ServiceRequest/".Length..]);

        var lines = record.Resources.Select(r => $"{r.Key} {r.Sha256} {string.Join(';', r.Reasons.Select(x => $"{x.Rule}<{x.From}"))}")
            .Concat(record.GapLines()).Concat(record.LeftOutLines()).Concat(record.Searches.Select(s => $"{s.Type} {s.Rule} {s.Query} {s.Pages} {s.Found} {s.Kept}"));
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines))));
        _first ??= digest;
        Assert.That(digest, Is.EqualTo(_first));
    }

    private static string? _first;

    [Test]
    public async Task What_lies_before_the_window_stays_out_and_what_has_no_date_comes_along()
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder().Load(
            GatherBench.Observation("new"), GatherBench.Observation("undated", ""), GatherBench.Observation("old", "\"effectiveDateTime\":\"2019-01-01\""));

        await using var record = await bench.RecordAsync();

        Assert.That(record.Keys(), Is.EquivalentTo(new[] { "Observation/new", "Observation/undated", "Patient/p1", "ServiceRequest/o1" }));
    }

    [Test]
    public async Task What_a_report_names_comes_along_even_from_before_the_window()
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder().Load(
            GatherBench.Observation("old", "\"effectiveDateTime\":\"2019-01-01\""),
            """{"resourceType":"DiagnosticReport","id":"r","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/p1"},"effectiveDateTime":"2026-01-01","result":[{"reference":"Observation/old"}]}""");

        await using var record = await bench.RecordAsync();

        Assert.That(record.Resources.Single(r => r.Key.Id == "old").Reasons, Is.EqualTo(new[] { new InclusionReason("DiagnosticReport.result", "DiagnosticReport/r") }));
    }

    [Test]
    [Fault("E13")]
    public async Task A_server_that_ignores_the_date_does_not_widen_the_record()
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder();
        // It offers the parameter and then ignores it, however strictly it is asked.
        bench.Ehr.Faults.Add(new Fault
        {
            Path = "^/Observation",
            Times = null,
            Body = $$"""
                {"resourceType":"Bundle","type":"searchset","link":[{"relation":"self","url":"{{bench.Ehr.Base}}/Observation?patient=p1&_count=200"}],
                 "entry":[{"resource":{{GatherBench.Observation("new")}}},{"resource":{{GatherBench.Observation("old", "\"effectiveDateTime\":\"2019-01-01\"")}}}]}
                """,
        });

        await using var record = await bench.RecordAsync();

        Assert.That(record.Keys(), Does.Contain("Observation/new").And.Not.Contain("Observation/old"));
        Assert.That(record.Searches.Single(s => s.Type == "Observation" && s.Query.Contains("date=ge")).IgnoredParameters, Is.EqualTo(new[] { "date" }));
        Assert.That(record.LeftOutLines(), Does.Contain("Observation?date=lt2024-11-22&code:not-in=plans outside-window search.Observation"));
    }

    [Test]
    public async Task What_no_search_asked_for_is_told_although_the_EHR_did_the_filtering()
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder().Load(GatherBench.Observation("old", "\"effectiveDateTime\":\"2019-01-01\""));

        await using var record = await bench.RecordAsync();

        Assert.That(record.LeftOutLines(), Is.EqualTo(new[]
        {
            "Condition?clinical-status=inactive,remission,resolved not-current search.Condition",
            "DiagnosticReport?date=lt2024-11-22 outside-window search.DiagnosticReport",
            "DocumentReference?status=superseded,entered-in-error not-current search.DocumentReference",
            "MedicationRequest?status=on-hold,cancelled,completed,entered-in-error,stopped,draft,unknown not-current search.MedicationRequest",
            "Observation?date=lt2024-11-22&code:not-in=plans outside-window search.Observation",
        }));
        Assert.That(record.Searches, Has.Count.EqualTo(16), "nothing is asked for the sake of the telling");
    }

    [Test]
    public async Task However_many_branches_a_search_has_what_it_leaves_out_is_told_once()
    {
        await using var bench = await GatherBench.StartAsync(new SandboxEhrOptions { Search = new SearchHabits(NeedsCategoryOrCode: true) });
        bench.WithOrder();

        await using var record = await bench.RecordAsync();

        Assert.That(record.LeftOutLines().Where(line => line.Contains("outside-window")), Is.EqualTo(new[]
        {
            "DiagnosticReport?date=lt2024-11-22 outside-window search.DiagnosticReport", "Observation?date=lt2024-11-22&code:not-in=plans outside-window search.Observation",
        }));
    }

    [Test]
    public async Task Where_everything_was_asked_for_and_nothing_was_dropped_nothing_is_said_to_be_left_out()
    {
        await using var bench = await GatherBench.StartAsync(new SandboxEhrOptions { Search = new SearchHabits(DateSearch: DateSearch.Refused) });
        bench.WithOrder().Load(GatherBench.Observation("new"));

        await using var record = await bench.RecordAsync();

        Assert.That(record.LeftOutLines(), Has.None.Contains("outside-window"));
    }

    [TestCase("2024-11-22T00:00:00Z", true)]
    [TestCase("2024-11-21T23:59:59Z", false)]
    public async Task The_window_begins_with_the_day_that_is_asked_for(string effective, bool inside)
    {
        await using var bench = await GatherBench.StartAsync(new SandboxEhrOptions { Search = new SearchHabits(DateSearch: DateSearch.Ignored) });
        bench.WithOrder().Load(GatherBench.Observation("edge", $"\"effectiveDateTime\":\"{effective}\""));

        await using var record = await bench.RecordAsync();

        Assert.That(record.Keys().Contains("Observation/edge"), Is.EqualTo(inside));
    }

    [Test]
    public async Task The_searches_in_the_manifest_do_not_say_who_the_patient_is()
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder().Load(GatherBench.Observation("new"));

        await using var record = await bench.RecordAsync();

        Assert.That(record.Searches, Is.Not.Empty.And.All.Matches<SearchRecord>(s => s.Query.Contains("={patient}") && !s.Query.Contains("p1")));
        Assert.That(record.Searches.Single(s => s is { Type: "Observation", Query: "patient={patient}&date=ge2024-11-22&_count=200" }).Kept, Is.EqualTo(1));
    }

    [Test]
    public async Task An_EHR_that_insists_on_a_category_is_asked_by_category_and_remembered()
    {
        await using var bench = await GatherBench.StartAsync(new SandboxEhrOptions { Search = new SearchHabits(NeedsCategoryOrCode: true) });
        bench.WithOrder().Load(GatherBench.Observation("lab"));

        await using var first = await bench.RecordAsync();
        int refusedFirst = bench.Ehr.Requests.All.Count(r => r.Status == 400);
        await using var second = await bench.RecordAsync();

        Assert.That(first.Keys(), Does.Contain("Observation/lab"));
        Assert.That(first.GapLines(), Does.Contain("Observation?search.Observation other-categories search.Observation"));
        Assert.That(refusedFirst, Is.GreaterThan(0));
        Assert.That(bench.Ehr.Requests.All.Count(r => r.Status == 400), Is.EqualTo(refusedFirst));
        Assert.That(second.Keys(), Is.EqualTo(first.Keys()));
    }

    [Test]
    public async Task Reports_with_their_files_inside_may_make_a_page_longer_than_one_resource_may_be()
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder();
        var file = new string('A', 12 << 20);
        for (int i = 0; i < 6; i++)
        {
            bench.Load($$$"""
                {"resourceType":"DiagnosticReport","id":"r{{{i}}}","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/p1"},"effectiveDateTime":"2026-01-01",
                 "presentedForm":[{"contentType":"application/pdf","data":"{{{file}}}"}]}
                """);
        }

        await using var record = await bench.RecordAsync();

        Assert.That(record.Keys().Count(k => k.StartsWith("DiagnosticReport/", StringComparison.Ordinal)), Is.EqualTo(6));
        Assert.That(record.Gaps.Select(g => g.Reason), Has.None.EqualTo(GapReason.Limit));
    }

    [Test]
    [Fault("E15")]
    public async Task A_record_larger_than_memory_should_hold_waits_on_disk_and_memory_stays_flat()
    {
        await using var bench = await GatherBench.StartAsync();
        bench.Ehr.Load(new RecordGenerator(3, GatherBench.Now).Record(1, new RecordSize(Resources: 12_000)));
        await using (await bench.RecordAsync("order-1"))
        {
            // Warm: pools and code are there.
        }

        GC.Collect();
        long before = GC.GetTotalMemory(forceFullCollection: true);
        await using var record = await bench.RecordAsync("order-1");
        long held = GC.GetTotalMemory(forceFullCollection: true) - before;

        long bytes = record.Resources.Sum(r => (long)r.Length);
        Assert.That(bytes, Is.GreaterThan(20_000_000));
        Assert.That(held, Is.LessThan(Spool.DefaultMemoryLimit + (record.Resources.Count * 1200L)));
    }

    private static int ByTypeThenId(string a, string b)
    {
        var (x, y) = (a.Split('/'), b.Split('/'));
        return string.CompareOrdinal(x[0], y[0]) is var byType and not 0 ? byType : string.CompareOrdinal(x[1], y[1]);
    }
}
