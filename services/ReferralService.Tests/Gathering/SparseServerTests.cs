using ReferralService.Contracts;
using ReferralService.Gathering;
using ReferralService.Sandbox.Ehr;
using ReferralService.Sandbox.Faults;
using ReferralService.Sandbox.Repository;
using ReferralService.Sandbox.Serving;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Gathering;

/// <summary>Servers that search for less than R4 has: what they refuse is asked in another form, and remembered.</summary>
public sealed class SparseServerTests
{
    private const string Psa = "'code':{'text':'Elevated PSA'}";

    private static readonly Dictionary<string, string> Resources = new()
    {
        ["Observation"] = GatherBench.Observation("x"),
        ["DiagnosticReport"] = Json("{'resourceType':'DiagnosticReport','id':'x','status':'final','category':[{'coding':[{'code':'LAB'}]}],'code':{'text':'panel'},'subject':{'reference':'Patient/p1'},'effectiveDateTime':'2026-10-01'}"),
        ["Condition"] = Json("{'resourceType':'Condition','id':'x','clinicalStatus':{'coding':[{'code':'active'}]},'category':[{'coding':[{'code':'problem-list-item'}]}],'code':{'text':'gout'},'subject':{'reference':'Patient/p1'}}"),
        ["DocumentReference"] = Json("{'resourceType':'DocumentReference','id':'x','status':'current','type':{'coding':[{'system':'http://loinc.org','code':'11506-3'}]},'category':[{'coding':[{'code':'clinical-note'}]}],'subject':{'reference':'Patient/p1'},'date':'2026-10-01T08:00:00Z','content':[]}"),
        ["MedicationRequest"] = Json("{'resourceType':'MedicationRequest','id':'x','status':'active','intent':'plan','medicationCodeableConcept':{'text':'allopurinol'},'subject':{'reference':'Patient/p1'}}"),
    };

    [TestCase("Observation", "category", "other-categories")]
    [TestCase("DiagnosticReport", "category", "other-categories")]
    [TestCase("Condition", "category", "other-categories")]
    [TestCase("DocumentReference", "category", "other-categories")]
    [TestCase("DocumentReference", "type", "other-categories")]
    [TestCase("MedicationRequest", "intent", null, Description = "Every one has an intent: nothing stays away")]
    public async Task A_type_that_is_refused_for_the_patient_alone_comes_in_parts_and_the_refusal_is_remembered(string type, string parameter, string? gap)
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder().Load(Resources[type]);
        Refuse(bench, $@"^/{type}\?(?!.*[?&]({parameter}|code)=)");

        await using var first = await bench.RecordAsync();
        int refused = bench.Ehr.Requests.All.Count(r => r.Status == 400);
        await using var second = await bench.RecordAsync();

        var asked = first.Searches.Where(s => s.Type == type).ToList();
        Assert.Multiple(() =>
        {
            Assert.That(asked.Where(s => s.Refusal is null).Sum(s => s.Kept), Is.EqualTo(1));
            Assert.That(asked.Where(s => s.Refusal is not null).Select(s => s.Query), Has.Some.EqualTo("patient={patient}&_count=200"), "what was refused is told too");
            Assert.That(first.GapLines(), gap is null ? Has.None.Contains($"search.{type}") : Does.Contain($"{type}?search.{type} {gap} search.{type}"));
            Assert.That(bench.Ehr.Requests.All.Count(r => r.Status == 400) - refused, Is.LessThan(refused), "learned");
            Assert.That(
                second.Searches.Where(s => s.Refusal is not null && !second.GapLines().Contains($"{type}?{s.Rule} refused {s.Rule}")), Is.Empty,
                "asked again is only a part that would be missing: a refusal may pass");
            Assert.That(second.Searches.Sum(s => s.Kept), Is.EqualTo(first.Searches.Sum(s => s.Kept)));
        });
    }

    [TestCase("Observation", "category", 1, Description = "A result may have another category")]
    [TestCase("MedicationRequest", "intent", 30)]
    public async Task Parts_that_may_miss_something_are_believed_for_a_day_and_others_for_a_month(string type, string parameter, int days)
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder().Load(Resources[type]);
        Refuse(bench, $@"^/{type}\?(?!.*[?&]({parameter}|code)=)");
        await using (await bench.RecordAsync())
        {
        }

        async Task<bool> AsksForAllAsync(int later)
        {
            await using var record = await bench.RecordAsync(now: GatherBench.Now.AddDays(later));
            return record.Searches.Any(s => s.Type == type && s.Query == "patient={patient}&_count=200");
        }

        Assert.That((await AsksForAllAsync(days), await AsksForAllAsync(days + 1), await AsksForAllAsync(days + 1)), Is.EqualTo((false, true, false)));
    }

    [Test]
    public async Task Where_a_category_is_insisted_on_a_result_without_one_comes_by_its_code()
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder(Json(Psa)).Load(PsaResult("new", "2026-09-01"), PsaResult("old", "2018-09-01"));
        Refuse(bench, @"^/Observation\?(?!.*[?&](category|code)=)");

        await using var record = await bench.RecordAsync();

        Assert.That(record.Keys(), Does.Contain("Observation/new").And.Contain("Observation/old"));
    }

    [Test]
    public async Task A_category_that_the_server_does_not_know_is_a_gap_of_its_own()
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder().Load(GatherBench.Observation("lab"));
        Refuse(bench, @"^/Observation\?(?!.*[?&](category|code)=)");
        Refuse(bench, @"^/Observation\?.*category=survey");

        await using var record = await bench.RecordAsync();

        Assert.That(record.Searches.Where(s => s.Type == "Observation").Sum(s => s.Kept), Is.EqualTo(1));
        Assert.That(record.GapLines(), Does.Contain("Observation?search.Observation.survey refused search.Observation.survey"));
    }

    [TestCase("Observation", "category=social-history")]
    [TestCase("Condition", "category=encounter-diagnosis")]
    public async Task A_category_that_is_forbidden_is_not_passed_over(string type, string category)
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder().Load(Resources[type]);
        Refuse(bench, $@"^/{type}\?(?!.*[?&](category|code)=)");
        Refuse(bench, $@"^/{type}\?.*{category}", status: 403);

        var outcome = await bench.GatherAsync();

        if (type == "Observation") Assert.That(outcome, Is.InstanceOf<GatherOutcome.Impossible>().With.Property("Code").EqualTo(ReasonCodes.AuthRefused));
        else
        {
            await using var record = ((GatherOutcome.Gathered)outcome).Record;
            Assert.That(record.GapLines(), Is.EqualTo(new[] { "Condition?search.Condition refused search.Condition" }).Or.EqualTo(new[] { "Condition?search.Condition forbidden search.Condition" }));
        }
    }

    [Test]
    [Fault("E13")]
    public async Task A_date_that_is_dropped_without_a_word_widens_nothing_and_the_counts_say_so()
    {
        await using var bench = await GatherBench.StartAsync(new SandboxEhrOptions { Search = new SearchHabits(DateSearch: DateSearch.Ignored, HearsStrict: false) });
        bench.WithOrder().Load(GatherBench.Observation("new"), GatherBench.Observation("old", "\"effectiveDateTime\":\"2019-01-01\""));
        bench.Ehr.Faults.Add(new Fault { Path = "^/metadata", Status = 404, Times = null });

        await using var record = await bench.RecordAsync();

        var search = record.Searches.Single(s => s.Query == "patient={patient}&date=ge2024-11-22&_count=200" && s.Type == "Observation");
        Assert.That((search.Found, search.Kept, string.Join(',', search.IgnoredParameters)), Is.EqualTo((2, 1, "date")));
        Assert.That(record.LeftOutLines(), Has.Some.StartsWith("Observation?date=lt2024-11-22"));
    }

    [Test]
    public async Task A_server_that_wants_instants_is_asked_with_instants_from_then_on()
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder(Json(Psa)).Load(PsaResult("new", "2026-09-01"), PsaResult("old", "2018-09-01"));
        Refuse(bench, @"[?&]date=[a-z]{2}\d{4}-\d\d-\d\d(&|$)");

        await using var first = await bench.RecordAsync();
        int refused = bench.Ehr.Requests.All.Count(r => r.Status == 400);
        await using var second = await bench.RecordAsync();

        Assert.Multiple(() =>
        {
            Assert.That(first.Keys(), Does.Contain("Observation/new").And.Contain("Observation/old"));
            Assert.That(first.Searches.Where(s => s is { Type: "Observation", Refusal: null }).Select(s => s.Query), Has.None.EqualTo("patient={patient}&_count=200"), "not everything is asked for");
            Assert.That(bench.Ehr.Requests.All.Count(r => r.Status == 400), Is.EqualTo(refused));
            Assert.That(second.Keys(), Is.EqualTo(first.Keys()));
        });
    }

    [Test]
    public async Task A_server_without_missing_is_asked_for_everything_and_nothing_is_asked_twice()
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder().Load(GatherBench.Observation("new"), GatherBench.Observation("old", "\"effectiveDateTime\":\"2019-01-01\""), GatherBench.Observation("undated", ""));
        Refuse(bench, ":missing=");

        await using var record = await bench.RecordAsync();

        Assert.That(record.Searches.Where(s => s is { Type: "Observation", Refusal: null }).Select(s => (s.Query, s.Found)), Is.EqualTo(new[] { ("patient={patient}&_count=200", 3) }));
        Assert.That(record.Keys(), Does.Contain("Observation/new").And.Contain("Observation/undated").And.Not.Contain("Observation/old"));
        Assert.That(bench.Ehr.Requests.All.Select(r => r.PathAndQuery).GroupBy(p => p).Where(g => g.Count() > 1), Is.Empty);
    }

    [Test]
    public async Task Codes_are_asked_one_by_one_where_lists_are_refused()
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder(Json(Psa)).Load(PsaResult("old", "2018-09-01"));
        Refuse(bench, @"^/Observation\?(?!.*[?&](category|code)=)");
        Refuse(bench, @"[?&]code=[^&]*(,|%2C)");

        await using var record = await bench.RecordAsync();

        Assert.That(record.Keys(), Does.Contain("Observation/old"));
        Assert.That(record.Searches.Where(s => s is { Rule: "search.Observation.plans", Refusal: null }), Is.Not.Empty.And.All.Matches<SearchRecord>(s => !s.Query.Contains(',')));
    }

    [Test]
    public async Task A_server_that_refuses_a_page_size_is_asked_without_and_that_is_remembered()
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder();
        foreach (var resource in Resources.Values) bench.Load(resource);
        Refuse(bench, "[?&]_count=");

        await using var first = await bench.RecordAsync();
        int refused = bench.Ehr.Requests.All.Count(r => r.Status == 400);
        await using var second = await bench.RecordAsync();

        Assert.That(Resources.Keys.Where(type => first.Searches.Where(s => s.Type == type).Sum(s => s.Kept) == 0), Is.Empty);
        Assert.That((refused > 0, bench.Ehr.Requests.All.Count(r => r.Status == 400)), Is.EqualTo((true, refused)));
    }

    [Test]
    public async Task A_refused_type_costs_no_second_round_where_page_sizes_are_taken()
    {
        await using var bench = await GatherBench.StartAsync(options: new GatheringOptions { Parallelism = 1 });
        bench.WithOrder();
        Refuse(bench, "^/Immunization");

        await using var record = await bench.RecordAsync();

        Assert.That(bench.Ehr.Requests.CountOf("GET", "/Immunization"), Is.EqualTo(1));
    }

    [Test]
    public async Task Pages_of_one_are_walked_to_the_end()
    {
        await using var bench = await GatherBench.StartAsync(new SandboxEhrOptions { Search = new SearchHabits(MaxPageSize: 1) });
        bench.WithOrder();
        foreach (int i in Enumerable.Range(0, 12)) bench.Load(GatherBench.Observation($"o{i}"));

        await using var record = await bench.RecordAsync();

        Assert.That(record.Searches.Where(s => s.Type == "Observation").Max(s => (s.Pages, s.Kept)), Is.EqualTo((12, 12)));
    }

    [TestCase(404, null)]
    [TestCase(200, "{'resourceType':'CapabilityStatement','status':'active','kind':'instance'}")]
    [TestCase(200, "{'resourceType':'CapabilityStatement','status':'active','kind':'instance','rest':[{'mode':'server','resource':[{'type':'Observation'}]}]}", Description = "Lists no parameter")]
    [TestCase(200, "{'resourceType':'CapabilityStatement','status':'active','kind':'instance','rest':[{'mode':'server','resource':[{'type':'Observation','searchParam':[{'name':'patient','type':'reference'}]}]}]}", Description = "Forgets category, which it insists on")]
    [TestCase(200, "{'resourceType':'CapabilityStatement','status':'active','kind':'instance','rest':[{'mode':'server','resource':[{'type':'Observation','searchParam':[{'name':'patient','type':'reference'},{'name':'date','type':'date'},{'name':'code','type':'token'},{'name':'category','type':'token'}]}]}]}", Description = "Lists date, which it refuses")]
    public async Task Whatever_a_server_says_of_itself_what_it_does_decides(int status, string? statement)
    {
        await using var bench = await GatherBench.StartAsync(new SandboxEhrOptions { Search = new SearchHabits(DateSearch: DateSearch.Refused, NeedsCategoryOrCode: true) });
        bench.WithOrder().Load(GatherBench.Observation("lab"), GatherBench.Observation("old", "\"effectiveDateTime\":\"2019-01-01\""));
        bench.Ehr.Faults.Add(new Fault { Path = "^/metadata", Status = status, Body = statement is null ? null : Json(statement), Times = null });

        await using var record = await bench.RecordAsync();

        Assert.That(record.Searches.Where(s => s is { Type: "Observation", Kept: > 0 }).Select(s => (s.Query, s.Found)), Is.EqualTo(new[] { ("patient={patient}&category=laboratory&_count=200", 2) }));
        Assert.That(record.Keys(), Does.Contain("Observation/lab").And.Not.Contain("Observation/old"));
    }

    private static string PsaResult(string id, string day)
        => Json($"{{'resourceType':'Observation','id':'{id}','status':'final','code':{{'coding':[{{'system':'http://loinc.org','code':'2857-1'}}]}},'subject':{{'reference':'Patient/p1'}},'effectiveDateTime':'{day}'}}");

    private static void Refuse(GatherBench bench, string path, int status = 400)
        => bench.Ehr.Faults.Add(new Fault { Path = path, Status = status, Body = Json("{'resourceType':'OperationOutcome','issue':[{'severity':'error','code':'invalid'}]}"), Times = null });

    private static string Json(string text) => text.Replace('\'', '"');
}
