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
            $"patient search.Observation: {Since("patient={patient}", "2024-11-22")}",
            $"patient/category search.Observation.laboratory: {Since("patient={patient}&category=laboratory", "2024-11-22")}",
            $"patient/category search.Observation.vital-signs: {Since("patient={patient}&category=vital-signs", "2024-11-22")}",
        }));
        Assert.That(Lines(null, "Observation").Last(), Does.StartWith("subject/category search.Observation.activity: subject=Patient/{patient}&category=activity&"));
    }

    [TestCase("Condition", "patient search.Condition: patient={patient}&clinical-status:missing=true&_count=200 + patient={patient}&clinical-status=active,recurrence,relapse&_count=200 | patient={patient}&_count=200")]
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
    public void A_parameter_that_is_not_offered_is_asked_only_when_all_else_was_refused()
    {
        Assert.That(Lines(Says("Observation", "subject"), "Observation")[0], Is.EqualTo("subject search.Observation: subject=Patient/{patient}&_count=200"));
        Assert.That(
            GatheringPlan.Make(Says("MedicationRequest", "patient"), Start, 50).Single(s => s.Type == "MedicationRequest").Ways.Select(w => w.Name), Is.EqualTo(new[] { "patient", "patient/intent" }));
        Assert.That(
            GatheringPlan.Make(Says("DocumentReference", "patient", "type"), Start, 50).Single(s => s.Type == "DocumentReference").Ways.Select(w => w.Name),
            Is.EqualTo(new[] { "patient", "patient/type", "patient/category" }));
    }

    [TestCase("Observation", "patient, patient/category, subject, subject/category")]
    [TestCase("Condition", "patient, patient/category, subject, subject/category")]
    [TestCase("DocumentReference", "patient, patient/category, patient/type, subject, subject/category, subject/type")]
    [TestCase("MedicationRequest", "patient, patient/intent, subject, subject/intent")]
    [TestCase("Procedure", "patient, subject")]
    [TestCase("AllergyIntolerance", "patient")]
    public void Where_the_patient_alone_is_refused_a_type_is_asked_for_in_parts(string type, string ways)
        => Assert.That(string.Join(", ", GatheringPlan.Make(null, Start, 200).Single(s => s.Type == type).Ways.Select(w => w.Name)), Is.EqualTo(ways));

    [Test]
    public void Categories_are_a_way_only_where_the_server_has_them()
        => Assert.That(
            GatheringPlan.Make(Says("DiagnosticReport", "patient", "date", "category"), Start, 50).Single(s => s.Type == "DiagnosticReport").Ways.Select(w => $"{w.Name} {w.Branches.Count}"),
            Is.EqualTo(new[] { "patient 1", "patient/category 18" }));

    [Test]
    public void A_type_the_server_does_not_list_is_not_asked_for_unless_it_is_mandatory_or_decides()
    {
        var plan = GatheringPlan.Make(Says("Patient", "_id"), Start, 200);

        Assert.That(plan.Where(s => s.Ways.Count > 0).Select(s => s.Type), Is.EqualTo(new[] { "Observation", "DiagnosticReport", "Consent" }), "a Consent decides about the rest");
    }

    [Test]
    public void A_look_back_longer_than_the_calendar_is_cut() => Assert.That(GatheringPlan.FirstDay(GatherBench.Now, TimeSpan.FromDays(73_000)).Year, Is.EqualTo(1827));

    [Test]
    public void What_a_plan_wants_from_before_the_look_back_is_asked_for_by_its_codes_and_if_that_is_refused_with_all_else()
    {
        var search = Wanting("""{ "codes": [ { "system": "http://loinc.org", "codes": { "2857-1": "PSA", "10886-0": "free PSA" } } ], "lookBack": "P10Y" }""").Single(s => s.Type == "Observation");
        const string Start = "patient={patient}", Missing = Start + "&date:missing=true&_count=200", Codes = "&code=10886-0,2857-1", Noon = "T00:00:00Z";
        static string Rung(string end, bool codes) => codes
            ? $"{Missing} + {Start}{Codes}&date=lt2024-11-22{end}&date=ge2016-11-23{end}&_count=200 + {Start}&date=ge2024-11-22{end}&_count=200"
            : $"{Missing} + {Start}&date=ge2024-11-22{end}&_count=200 + {Start}&date=lt2024-11-22{end}&date=ge2016-11-23{end}&_count=200";

        Assert.Multiple(() =>
        {
            Assert.That(search.LeftOut!.Reference, Is.EqualTo("Observation?date=lt2024-11-22&code:not-in=plans"));
            Assert.That(Line(search, 0), Is.EqualTo($"patient search.Observation: {Rung("", true)} | {Rung(Noon, true)} | {Rung("", false)} | {Rung(Noon, false)} | {Start}&_count=200"));
            Assert.That(search.Ways[0].Branches[0].Ladder[0].Queries.Select(q => (q.Sieve ?? search.Sieve).NotBefore?.Year), Is.EqualTo(new[] { 2024, 2016, 2024 }));
            Assert.That(Line(search, 1), Is.EqualTo(Lines(null, "Observation")[1]));
        });
    }

    [Test]
    public void Beside_the_categories_what_plans_want_is_asked_for_by_code_since_a_result_need_not_have_one()
        => Assert.That(
            Line(Wanting("""{ "codes": [ { "system": "http://loinc.org", "codes": { "2857-1": "PSA", "10886-0": "free PSA" } } ], "lookBack": "P10Y" }""").Single(s => s.Type == "Observation"), 1, branch: 9),
            Is.EqualTo("patient/category search.Observation.plans: patient={patient}&code=10886-0,2857-1&date=ge2016-11-23&_count=200 | patient={patient}&code=10886-0,2857-1&date=ge2016-11-23T00:00:00Z&_count=200"
                + " | patient={patient}&code=10886-0,2857-1&_count=200 | patient={patient}&code=10886-0&_count=200 + patient={patient}&code=2857-1&_count=200"));

    [Test]
    public void Where_the_ehr_does_not_search_by_code_all_is_asked_as_far_back_as_the_plan_wants()
        => Assert.That(
            Wanting("""{ "codes": [ { "system": "http://loinc.org", "codes": { "2857-1": "PSA" } } ], "lookBack": "P10Y" }""", Says("Observation", "patient", "date"))
                .Where(s => s.Type == "Observation").Select(s => (Line(s, 0), s.Sieve.NotBefore?.Year)),
            Is.EqualTo(new[] { ($"patient search.Observation: {Since("patient={patient}", "2016-11-23")}", (int?)2016) }));

    [TestCase("P10Y", "2016-11-23")]
    [TestCase("none", null)]
    public void Words_cannot_be_asked_for_so_all_is_asked_as_far_back_as_the_plan_wants(string lookBack, string? since)
        => Assert.That(
            Wanting($$"""{ "words": [ "biopsy" ], "lookBack": "{{lookBack}}" }""").Where(s => s.Type == "Observation").Select(s => Line(s, 0)),
            Is.EqualTo(new[] { $"patient search.Observation: {(since is null ? "patient={patient}&_count=200" : Since("patient={patient}", since))}" }));

    [Test]
    public void A_look_back_within_that_of_all_changes_nothing()
        => Assert.That(
            Wanting("""{ "words": [ "biopsy" ], "lookBack": "P1Y" }""").Where(s => s.Type == "Observation").Select(s => Line(s, 0)),
            Is.EqualTo(new[] { Lines(null, "Observation")[0] }));

    [TestCase("Condition", "[ \"resolved\" ]", "clinical-status:missing=true&_count=200 + patient={patient}&clinical-status=active,recurrence,relapse,resolved&_count=200 | patient={patient}&_count=200")]
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

        Assert.That(older.Ways[0].Branches[0].Ladder[0].Queries.Skip(1).SkipLast(1).Select(q => System.Text.RegularExpressions.Regex.Count(q.Text, "-a")), Is.EqualTo(new[] { 40, 5 }));
    }

    [Test]
    public void However_long_codes_are_no_address_grows_past_what_proxies_take()
    {
        var codes = string.Join(", ", Enumerable.Range(100, 60).Select(i => $"\"urn-local-{new string('x', 40)}-{i}\": \"x\""));
        var older = Wanting($$"""{ "codes": [ { "system": "http://example.org/codes", "codes": { {{codes}} } } ], "lookBack": "none" }""").Single(s => s.Type == "Observation");

        var queries = older.Ways.SelectMany(w => w.Branches).SelectMany(b => b.Ladder).SelectMany(r => r.Queries).Select(q => q.For(new string('p', 64))).ToList();
        Assert.That(queries.Max(q => q.Length), Is.LessThan(1300));
        Assert.That(queries.Count(q => q.Contains("urn-local", StringComparison.Ordinal)), Is.GreaterThan(60), "in lists, and one by one for a server that takes none");
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

    /// <summary>A search since a day, with its ways around a refusal.</summary>
    private static string Since(string start, string day)
        => $"{start}&date:missing=true&_count=200 + {start}&date=ge{day}&_count=200 | {start}&date:missing=true&_count=200 + {start}&date=ge{day}T00:00:00Z&_count=200 | {start}&_count=200";

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
