using System.Text.Json.Nodes;
using ReferralService.Fhir.Resources;
using ReferralService.Gathering;
using ReferralService.Gathering.Plans;
using ReferralService.Tests.Gathering.Plans;

namespace ReferralService.Tests.Gathering;

public sealed class GatheringPlanTests
{
    private static readonly DateTimeOffset Start = new(2024, 11, 22, 0, 0, 0, TimeSpan.Zero);

    [Test]
    public void Of_a_server_that_says_nothing_everything_is_asked_with_every_way_around_a_refusal()
    {
        Assert.That(Lines(null, "Observation").Take(3), Is.EqualTo(new[]
        {
            "patient search.Observation: patient={patient}&date=ge2024-11-22&_count=200 + patient={patient}&date:missing=true&_count=200 | patient={patient}&_count=200",
            "patient/category search.Observation.laboratory: patient={patient}&category=laboratory&date=ge2024-11-22&_count=200 + patient={patient}&category=laboratory&date:missing=true&_count=200 | patient={patient}&category=laboratory&_count=200",
            "patient/category search.Observation.vital-signs: patient={patient}&category=vital-signs&date=ge2024-11-22&_count=200 + patient={patient}&category=vital-signs&date:missing=true&_count=200 | patient={patient}&category=vital-signs&_count=200",
        }));
        Assert.That(Lines(null, "Observation").Last(), Does.StartWith("subject/category search.Observation.exam: subject=Patient/{patient}&category=exam&"));
    }

    [TestCase("Condition", "patient search.Condition: patient={patient}&clinical-status=active,recurrence,relapse&_count=200 + patient={patient}&clinical-status:missing=true&_count=200 | patient={patient}&_count=200")]
    [TestCase("AllergyIntolerance", "patient search.AllergyIntolerance: patient={patient}&_count=200")]
    [TestCase("MedicationRequest", "patient search.MedicationRequest: patient={patient}&status=active&_count=200 | patient={patient}&_count=200")]
    [TestCase("Procedure", "patient search.Procedure: patient={patient}&_count=200")]
    [TestCase("Immunization", "patient search.Immunization: patient={patient}&_count=200")]
    [TestCase("DocumentReference", "patient search.DocumentReference: patient={patient}&status=current&_count=200 | patient={patient}&_count=200")]
    public void The_first_way_of_each_optional_type_is(string type, string line) => Assert.That(Lines(null, type)[0], Is.EqualTo(line));

    [TestCase("Observation", true)]
    [TestCase("DiagnosticReport", true)]
    [TestCase("Condition", false)]
    [TestCase("DocumentReference", false)]
    public void Results_and_reports_are_mandatory(string type, bool mandatory)
        => Assert.That(GatheringPlan.Make(null, Start, 200).Single(s => s.Type == type).Mandatory, Is.EqualTo(mandatory));

    [Test]
    public void A_parameter_that_is_not_offered_is_not_asked()
        => Assert.That(Lines(Says("Observation", "subject"), "Observation"), Is.EqualTo(new[] { "subject search.Observation: subject=Patient/{patient}&_count=200" }));

    [Test]
    public void Categories_are_a_way_only_where_the_server_has_them()
        => Assert.That(
            GatheringPlan.Make(Says("DiagnosticReport", "patient", "date", "category"), Start, 50).Single(s => s.Type == "DiagnosticReport").Ways.Select(w => $"{w.Name} {w.Branches.Count}"),
            Is.EqualTo(new[] { "patient 1", "patient/category 5" }));

    [Test]
    public void A_type_the_server_does_not_list_is_not_asked_for_unless_it_is_mandatory()
    {
        var plan = GatheringPlan.Make(Says("Patient", "_id"), Start, 200);

        Assert.That(plan.Where(s => s.Ways.Count > 0).Select(s => s.Type), Is.EqualTo(new[] { "Observation", "DiagnosticReport" }));
    }

    [Test]
    public void A_look_back_longer_than_the_calendar_is_cut() => Assert.That(GatheringPlan.FirstDay(GatherBench.Now, TimeSpan.FromDays(73_000)).Year, Is.EqualTo(1827));

    [Test]
    public void What_a_plan_wants_from_before_the_look_back_is_asked_for_by_its_codes_and_if_that_is_refused_with_all_else()
    {
        var search = Wanting("""{ "codes": [ { "system": "http://loinc.org", "codes": { "2857-1": "PSA", "10886-0": "free PSA" } } ], "lookBack": "P10Y" }""").Single(s => s.Type == "Observation");
        const string Lately = "patient={patient}&date=ge2024-11-22&_count=200 + patient={patient}&date:missing=true&_count=200";

        Assert.Multiple(() =>
        {
            Assert.That(search.LeftOut!.Reference, Is.EqualTo("Observation?date=lt2024-11-22&code:not-in=plans"));
            Assert.That(Line(search, 0), Is.EqualTo(
                $"patient search.Observation: {Lately} + patient={{patient}}&code=10886-0,2857-1&date=lt2024-11-22&date=ge2016-11-23&_count=200"
                + $" | {Lately} + patient={{patient}}&date=lt2024-11-22&date=ge2016-11-23&_count=200 | patient={{patient}}&_count=200"));
            Assert.That(search.Ways[0].Branches[0].Ladder[0].Queries.Select(q => (q.Sieve ?? search.Sieve).NotBefore?.Year), Is.EqualTo(new[] { 2024, 2024, 2016 }));
            Assert.That(Line(search, 1), Is.EqualTo(Lines(null, "Observation")[1]));
            Assert.That(Line(search, 1, branch: 7), Is.EqualTo(
                "patient/category search.Observation.plans: patient={patient}&code=10886-0,2857-1&date=lt2024-11-22&date=ge2016-11-23&_count=200 | patient={patient}&code=10886-0,2857-1&_count=200"));
        });
    }

    [Test]
    public void Where_the_ehr_does_not_search_by_code_all_is_asked_as_far_back_as_the_plan_wants()
        => Assert.That(
            Wanting("""{ "codes": [ { "system": "http://loinc.org", "codes": { "2857-1": "PSA" } } ], "lookBack": "P10Y" }""", Says("Observation", "patient", "date"))
                .Where(s => s.Type == "Observation").Select(s => (Line(s, 0), s.Sieve.NotBefore?.Year)),
            Is.EqualTo(new[] { ("patient search.Observation: patient={patient}&date=ge2016-11-23&_count=200 + patient={patient}&date:missing=true&_count=200 | patient={patient}&_count=200", (int?)2016) }));

    [TestCase("P10Y", "patient={patient}&date=ge2016-11-23&_count=200 + patient={patient}&date:missing=true&_count=200 | patient={patient}&_count=200")]
    [TestCase("none", "patient={patient}&_count=200")]
    public void Words_cannot_be_asked_for_so_all_is_asked_as_far_back_as_the_plan_wants(string lookBack, string queries)
        => Assert.That(
            Wanting($$"""{ "words": [ "biopsy" ], "lookBack": "{{lookBack}}" }""").Where(s => s.Type == "Observation").Select(s => Line(s, 0)),
            Is.EqualTo(new[] { $"patient search.Observation: {queries}" }));

    [Test]
    public void A_look_back_within_that_of_all_changes_nothing()
        => Assert.That(
            Wanting("""{ "words": [ "biopsy" ], "lookBack": "P1Y" }""").Where(s => s.Type == "Observation").Select(s => Line(s, 0)),
            Is.EqualTo(new[] { Lines(null, "Observation")[0] }));

    [TestCase("Condition", "[ \"resolved\" ]", "clinical-status=active,recurrence,relapse,resolved&_count=200 + patient={patient}&clinical-status:missing=true&_count=200 | patient={patient}&_count=200")]
    [TestCase("MedicationRequest", "null", "_count=200")]
    [TestCase("DocumentReference", "null", "status=current&_count=200 | patient={patient}&_count=200")]
    [TestCase("DocumentReference", "[ \"current\", \"superseded\", \"entered-in-error\" ]", "_count=200")]
    public void A_status_that_a_plan_wants_is_asked_for(string type, string statuses, string queries)
        => Assert.That(
            Line(Wanting($$"""{ "types": [ "{{type}}" ], "words": [ "old" ], "lookBack": "none", "status": {{statuses}} }""").Single(s => s.Type == type), 0),
            Is.EqualTo($"patient search.{type}: patient={{patient}}&{queries}"));

    [Test]
    public void A_type_that_only_a_plan_wants_is_asked_for()
        => Assert.That(
            Line(Wanting("""{ "types": [ "FamilyMemberHistory" ], "lookBack": "none" }""").Single(s => s.Type == "FamilyMemberHistory"), 0),
            Is.EqualTo("patient search.FamilyMemberHistory: patient={patient}&_count=200"));

    [Test]
    public void Many_codes_are_asked_for_in_several_queries_that_only_together_are_the_answer()
    {
        var codes = string.Join(", ", Enumerable.Range(100, 45).Select(i => $"\"{i}-a\": \"x\""));
        var older = Wanting($$"""{ "codes": [ { "system": "http://example.org/codes", "codes": { {{codes}} } } ], "lookBack": "none" }""").Single(s => s.Type == "Observation");

        Assert.That(older.Ways[0].Branches[0].Ladder[0].Queries.Skip(2).Select(q => System.Text.RegularExpressions.Regex.Count(q.Text, "-a")), Is.EqualTo(new[] { 40, 5 }));
    }

    /// <summary>The searches of one plan of one item.</summary>
    private static IReadOnlyList<PlannedSearch> Wanting(string item, CapabilityView? capabilities = null)
    {
        var plan = PlanFolder.Plan();
        plan.Remove("includes");
        plan.Remove("mustNot");
        var wanted = JsonNode.Parse("""{ "id": "thing", "label": "Thing", "types": [ "Observation" ], "series": true }""")!.AsObject();
        foreach (var (name, value) in JsonNode.Parse(item)!.AsObject()) if (value is not null) wanted[name] = value.DeepClone();
        plan["must"] = new JsonArray(wanted);
        using var folder = new PlanFolder();
        var chosen = PlanChoice.For(new OrderFacts { Code = Make.Words("rash") }, folder.With(plan).Book());
        return GatheringPlan.Make(capabilities, Start, 200, PlanReach.Of(new ChosenPlans(chosen, null), Make.Now, Start));
    }

    private static string Line(PlannedSearch search, int way, int branch = 0)
    {
        var (name, asked) = (search.Ways[way].Name, search.Ways[way].Branches[branch]);
        return $"{name} {asked.Rule}: {string.Join(" | ", asked.Ladder.Select(rung => string.Join(" + ", rung.Queries.Select(q => q.Text))))}";
    }

    private static List<string> Lines(CapabilityView? capabilities, string type) =>
    [
        .. GatheringPlan.Make(capabilities, Start, 200).Single(s => s.Type == type).Ways.SelectMany(way => way.Branches.Select(branch =>
            $"{way.Name} {branch.Rule}: {string.Join(" | ", branch.Ladder.Select(rung => string.Join(" + ", rung.Queries.Select(q => q.Text))))}")),
    ];

    private static CapabilityView Says(string type, params string[] parameters) => new()
    {
        Resources = new Dictionary<string, ResourceCapability>
        {
            [type] = new(new HashSet<string> { "search-type" }, parameters.ToHashSet(), new HashSet<string>(), UpdateCreate: false, ConditionalCreate: false),
        },
    };
}
