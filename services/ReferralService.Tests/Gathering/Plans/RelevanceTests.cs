using System.Text.Json.Nodes;
using ReferralService.Gathering.Plans;

namespace ReferralService.Tests.Gathering.Plans;

/// <summary>The judge and the checklist, by a plan of one must item: CRP.</summary>
public sealed class RelevanceTests
{
    private static readonly OrderFacts Order = new() { Code = Make.Words("rash") };

    [TestCase(2, "+ own-plan/crp", "+ own-plan/crp", "- beyond-last-n own-plan/crp")]
    [TestCase(1, "+ own-plan/crp", "- beyond-last-n own-plan/crp", "- beyond-last-n own-plan/crp")]
    public void The_last_few_are_taken(int last, params string[] expected)
        => Assert.That(Bench(item => item["last"] = last).See([Crp("a", -1), Crp("b", -2), Crp("c", -3)]).Table().Values, Is.EqualTo(expected));

    [Test]
    public void Of_one_moment_the_id_decides()
        => Assert.That(Bench(item => item["last"] = 1).See([Crp("b", -1), Crp("a", -1)]).Table().Values, Is.EqualTo(new[] { "+ own-plan/crp", "- beyond-last-n own-plan/crp" }));

    [Test]
    public void The_undated_are_inside_every_window_and_come_last()
    {
        var undated = new PlanCase.Row("z", Make.Lab("1988-5", -1).Replace("effectiveDateTime", "comment", StringComparison.Ordinal), "");
        var one = Bench(item => item["last"] = 1);

        Assert.Multiple(() =>
        {
            Assert.That(Bench(_ => { }).See([undated]).Table()["z"], Is.EqualTo("+ own-plan/crp"));
            Assert.That(one.See([undated, Crp("a", -300)]).Table()["z"], Is.EqualTo("- beyond-last-n own-plan/crp"));
        });
    }

    [Test]
    public void Of_each_code_the_last_few_are_counted_apart()
    {
        var bench = Bench(item =>
        {
            item["last"] = 1;
            item["codes"]![0]!["codes"]!["30522-7"] = "CRP, sensitive";
        });

        Assert.That(bench.See([Crp("a", -1), new("b", Make.Lab("30522-7", -200), ""), Crp("c", -2)]).Table().Values, Is.EqualTo(new[] { "+ own-plan/crp", "+ own-plan/crp", "- beyond-last-n own-plan/crp" }));
    }

    [TestCase("2025", "+ own-plan/crp")]
    [TestCase("2025-11-22", "+ own-plan/crp")]
    [TestCase("2025-11-21", "- outside-window own-plan/crp")]
    [TestCase("2024", "- outside-window own-plan/crp")]
    public void A_partial_date_is_outside_only_when_all_of_it_is(string date, string expected)
        => Assert.That(Bench(_ => { }).See([new("a", Make.Lab("1988-5", -1).Replace(Make.Day(-1), date, StringComparison.Ordinal), "")]).Table()["a"], Is.EqualTo(expected));

    [Test]
    public void A_period_that_goes_on_is_inside()
        => Assert.That(
            Bench(_ => { }).See([new("a", Make.Lab("1988-5", -1).Replace($"\"effectiveDateTime\": \"{Make.Day(-1)}\"", "\"effectivePeriod\": { \"start\": \"2001-01-01\" }", StringComparison.Ordinal), "")]).Table()["a"],
            Is.EqualTo("+ own-plan/crp"));

    [TestCase("2026-01-01", "- outside-window own-plan/crp")]
    [TestCase(null, "+ own-plan/crp")]
    public void Since_the_diagnosis_is_without_limit_where_none_is_known(string? diagnosed, string expected)
    {
        var order = Order with { Diagnosed = PlanDate.Of(diagnosed)?.Earliest };

        Assert.That(Bench(item => item["lookBack"] = "since-diagnosis", order).See([Crp("a", -400)]).Table()["a"], Is.EqualTo(expected));
    }

    [Test]
    public void What_a_plan_keeps_back_stays_back_whatever_another_wants()
    {
        using var folder = new PlanFolder();
        var other = PlanFolder.Plan("other-plan");
        other["must"]![0]!["types"] = new JsonArray("DocumentReference");
        other["must"]![0]!["codes"]![0]!["codes"] = new JsonObject { ["11488-4"] = "consultation" };
        var book = folder.With(PlanFolder.Plan()).With(other).Book();

        Assert.That(
            new PlanBench(Order, book).See([new("a", Make.Document("Consultation form", -1, "11488-4"), ""), new("b", Make.Document("Consultation", -1, "11488-4"), "")]).Table().Values,
            Is.EqualTo(new[] { "- must-not-send other-plan/forms", "+ core/notes, other-plan/crp" }));
    }

    [TestCase(-10, "own-plan/crp present 2026-11-13", false)]
    [TestCase(-40, "own-plan/crp stale 2026-10-14", false)]
    [TestCase(-400, "own-plan/crp absent", true)]
    public void The_checklist_says_present_stale_or_absent_and_holds_only_for_the_absent(int day, string row, bool hold)
    {
        var bench = Bench(item => item["staleAfter"] = "P1M").See([Crp("a", day)]);

        Assert.Multiple(() =>
        {
            Assert.That(bench.CheckLines(), Does.Contain(row));
            Assert.That(bench.Checklist().HoldFor, Is.EqualTo(hold ? new[] { "plan:own-plan/crp" } : []));
        });
    }

    [Test]
    public void A_plan_that_sends_never_holds()
        => Assert.That(Bench(_ => { }, plan: p => p["onMissing"] = "send").Checklist().Hold, Is.False);

    [Test]
    public void Without_a_date_the_newest_counts_as_stale()
        => Assert.That(
            Bench(item => item["staleAfter"] = "P1M").See([new("a", Make.Lab("1988-5", -1).Replace("effectiveDateTime", "comment", StringComparison.Ordinal), "")]).CheckLines(),
            Does.Contain("own-plan/crp stale"));

    [TestCase(null, "own-plan/crp present 2026-11-22")]
    [TestCase(2, "own-plan/crp present 2026-11-22")]
    [TestCase(1, "own-plan/crp present 2026-11-22 lacks imaging")]
    public void Images_lack_only_where_none_of_those_that_are_wanted_has_any(int? last, string expected)
    {
        var bench = Bench(item =>
        {
            item["imaging"] = true;
            item["types"] = new JsonArray("DiagnosticReport");
            if (last is { } few) item["last"] = few;
            else
            {
                item.Remove("last");
                item["series"] = true;
            }
        });
        string Report(int day, string more) => Make.Lab("1988-5", day).Replace("\"Observation\"", "\"DiagnosticReport\"", StringComparison.Ordinal).Replace("\"status\"", $"{more}\"status\"", StringComparison.Ordinal);

        bench.See([new("old", Report(-5, "\"imagingStudy\":[{\"reference\":\"ImagingStudy/s\"}],"), ""), new("new", Report(-1, ""), "")]);

        Assert.That(bench.CheckLines(), Does.Contain(expected));
    }

    [TestCase(101, "mg/L", null, true)]
    [TestCase(100, "mg/L", null, false)]
    [TestCase(100, "mg/L", ">", true)]
    [TestCase(200, "mg/L", "<", false)]
    [TestCase(200, "mg/dL", null, false)]
    [TestCase(200, "", null, false)]
    public void An_alarm_is_raised_beyond_its_limit_in_its_unit(double value, string unit, string? comparator, bool raised)
    {
        var json = Make.Lab("1988-5", -1, value, unit);
        if (comparator is not null) json = json.Replace("\"valueQuantity\": {", $"\"valueQuantity\": {{ \"comparator\": \"{comparator}\",", StringComparison.Ordinal);

        Assert.That(Bench(_ => { }).See([new("a", json, "")]).AlarmLines(), Is.EqualTo(raised ? new[] { "own-plan/crp!high Observation/a" } : []));
    }

    [Test]
    public void Only_the_newest_of_a_code_raises_an_alarm()
        => Assert.That(Bench(_ => { }).See([new("a", Make.Lab("1988-5", -5, 300, "mg/L"), ""), new("b", Make.Lab("1988-5", -1, 3, "mg/L"), "")]).AlarmLines(), Is.Empty);

    [TestCase("preliminary", "own-plan/crp stale 2026-08-15", "own-plan/crp!high Observation/final", TestName = "A preliminary result neither undoes an alarm nor makes the last final one fresh")]
    [TestCase("final", "own-plan/crp present 2026-11-22", null, TestName = "A final result undoes an alarm and is the newest")]
    public void What_may_still_change_does_not_count_for_what_is_settled(string status, string row, string? alarm)
    {
        var bench = Bench(item => item["staleAfter"] = "P1M").See([new("final", Make.Lab("1988-5", -100, 300, "mg/L"), ""), new("newer", Make.Lab("1988-5", -1, 3, "mg/L", status), "")]);

        Assert.That(bench.CheckLines(), Does.Contain(row));
        Assert.That(bench.AlarmLines(), Is.EqualTo(alarm is null ? [] : new[] { alarm }));
    }

    [Test]
    public void A_preliminary_result_raises_its_alarm()
        => Assert.That(Bench(_ => { }).See([new("p", Make.Lab("1988-5", -1, 300, "mg/L", "preliminary"), "")]).AlarmLines(), Is.EqualTo(new[] { "own-plan/crp!high Observation/p" }));

    [Test]
    public void A_coding_without_system_is_no_match()
        => Assert.That(Bench(_ => { }).See([new("a", Make.Lab("1988-5", -1).Replace($"\"system\": \"{Make.Loinc}\", ", "", StringComparison.Ordinal), "")]).Table()["a"], Is.EqualTo("- not-relevant core,own-plan"));

    [Test]
    public void Fifty_thousand_results_leave_no_more_than_is_wanted()
    {
        var plans = Plans(_ => { });
        var judge = new RelevanceJudge(plans, Make.Now, null);
        var crp = new Topic(new Topic("Observation"), new Saying([new(Make.Loinc, "1988-5", null)], []), isCategory: false, isShared: true);
        var rows = Enumerable.Range(0, 50_000).Select(i => judge.See(new RelevanceFacts
        {
            Key = new("Observation", $"r{i:00000}"),
            Topic = crp,
            When = PlanDate.Of(Make.Now.AddMinutes(-(i * 7919 % 50_000)).ToString("O")),
        })).ToList();

        Assert.That(rows.Select(judge.Judge).Count(j => j is Judgement.Include), Is.EqualTo(2));
    }

    private static PlanCase.Row Crp(string id, int day) => new(id, Make.Lab("1988-5", day), "");

    private static PlanBench Bench(Action<JsonObject> item, OrderFacts? order = null, Action<JsonObject>? plan = null) => new(order ?? Order, Book(item, plan));

    private static IReadOnlyList<ChosenPlan> Plans(Action<JsonObject> item) => PlanChoice.For(Order, Book(item, null));

    private static PlanBook Book(Action<JsonObject> item, Action<JsonObject>? change)
    {
        using var folder = new PlanFolder();
        var plan = PlanFolder.Plan();
        item(plan["must"]![0]!.AsObject());
        change?.Invoke(plan);
        return folder.With(plan).Book();
    }
}
