using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using ReferralService.Gathering;
using ReferralService.Gathering.Plans;
using ReferralService.Tests.Contracts;

namespace ReferralService.Tests.Gathering.Plans;

public sealed class PlanFaultTests
{
    /// <summary>What is written over a plan that is right, where, and the fault that must be told; whether the schema knows it too.</summary>
    private static readonly (string Path, string? Value, string Fault, bool BySchema)[] Faults =
    [
        ("id", "\"Own\"", "$.id: must be lower-case letters", true),
        ("version", "\"1.0\"", "$.version: must be three numbers", true),
        ("version", null, "$.version: is missing", true),
        ("title", "\"\"", "$.title: must be a text", true),
        ("status", "\"ready\"", "$.status: must be one of draft, active, retired", true),
        ("status", "\"draft\"", "$.review: must be, while the status is draft", true),
        ("status", "\"draft\"", "$.onMissing: must be send while the status is draft", true),
        ("review", "\"A clinician must review this plan before it is used for patients.\"", "$.review: must say who reviewed", true),
        ("sources", "[]", "$.sources: must be a list with something in it", true),
        ("sources.0.url", "\"http://example.org\"", "$.sources[0].url: must be an https address", true),
        ("sources.0.year", "1900", "$.sources[0].year: must be a whole number from 1950 to 2100", true),
        ("includes", "[\"own-plan\"]", "$.includes[0]: is the plan itself", false),
        ("includes", "[\"nowhere\"]", "$.includes[0]: there is no plan nowhere", false),
        ("surprise", "1", "$.surprise: is not known", true),
        ("onMissing", "\"wait\"", "$.onMissing: must be one of send, hold", true),
        ("triggers.all", "[]", "$.triggers.all: stands beside any", true),
        ("triggers.any.0.in", "[\"note\"]", "$.triggers.any[0].in[0]: must be one of category, code", true),
        ("triggers.any.0.words", null, "$.triggers.any[0]: needs codes, valueSets or words", true),
        ("triggers.any.0.words", "[\"***\"]", "$.triggers.any[0].words[0]: has neither letter nor digit", false),
        ("triggers.any.0.valueSets", "[\"nowhere\"]", "$.triggers.any[0].valueSets[0]: there is no valuesets/nowhere.json", false),
        ("must.0.types", "[\"Observations\"]", "$.must[0].types[0]: is no resource type of R4", false),
        ("must.0.types", "[\"Observation\",\"Observation\"]", "$.must[0].types[1]: is there twice", true),
        ("must.0.lookBack", null, "$.must[0].lookBack: is missing", true),
        ("must.0.lookBack", "\"2 years\"", "$.must[0].lookBack: must be none, since-diagnosis or a period", true),
        ("must.0.lookBack", "\"P0D\"", "$.must[0].lookBack: must be none, since-diagnosis or a period", true),
        ("must.0.last", "0", "$.must[0].last: must be a whole number from 1 to 1000", true),
        ("must.0.last", null, "$.must[0].last: or \"series\": true must be given", true),
        ("must.0.series", "true", "$.must[0].last: or \"series\": true must be given, not both", true),
        ("must.0.staleAfter", "\"PT5H\"", "$.must[0].staleAfter: must be a period", true),
        ("must.0.attachments", "\"yes\"", "$.must[0].attachments: must be true or false", true),
        ("must.0.codes.0.system", "\"loinc\"", "$.must[0].codes[0].system: must be the URL", true),
        ("must.0.codes.0.codes", "{}", "$.must[0].codes[0].codes: is empty", true),
        ("must.0.codes.0.codes", "{\"1988 5\":\"CRP\"}", "$.must[0].codes[0].codes.1988 5: is no code", true),
        ("must.0.codes.0.below", "{\"1988\":\"CRP\"}", "$.must[0].codes[0].below: is for ICD-10 and ATC", false),
        ("must.0.categories", "[{\"system\":\"http://loinc.org\",\"below\":{\"L\":\"x\"}}]", "$.must[0].categories[0].below: is not known", true),
        ("must.0.alarms.0.limits", null, "$.must[0].alarms[0]: needs limits, interpretation", true),
        ("must.0.alarms.0.limits.0.below", "1", "$.must[0].alarms[0].limits[0].above: or below must be given, not both", true),
        ("must.0.alarms.0.limits.0.above", "\"100\"", "$.must[0].alarms[0].limits[0].above: must be a number", true),
        ("must.0.alarms.0.limits.0.units", null, "$.must[0].alarms[0].limits[0].units: is missing", true),
        ("mustNot.0.id", "\"crp\"", "$.mustNot[0].id: is used twice in this plan", false),
        ("mustNot.0.words", null, "$.mustNot[0]: would keep back every resource of its types", true),
        ("mustNot.0.lookBack", "\"P1Y\"", "$.mustNot[0].lookBack: is not known", true),
    ];

    private static IEnumerable<TestCaseData> Cases()
        => Faults.Select((f, i) => new TestCaseData(f.Path, f.Value, f.Fault, f.BySchema) { TestName = $"A fault is told {i:00} {f.Path} = {f.Value ?? "nothing"}" });

    [TestCaseSource(nameof(Cases))]
    public void A_fault_is_told_by_file_and_path(string path, string? value, string fault, bool bySchema)
    {
        using var folder = new PlanFolder();
        var plan = PlanFolder.Plan();
        Set(plan, path.Split('.'), value);
        folder.With("own-plan.json", plan.ToJsonString());

        Assert.Multiple(() =>
        {
            Assert.That(folder.Load().Faults, Has.Some.StartsWith($"own-plan.json {fault}"));
            Assert.That(BySchema(plan), bySchema ? Is.Not.Empty : Is.Empty, "the schema and the reader agree");
        });
    }

    [Test]
    public void A_plan_without_fault_is_taken_by_reader_and_schema()
    {
        using var folder = new PlanFolder();

        Assert.Multiple(() =>
        {
            Assert.That(folder.With(PlanFolder.Plan()).Book().Find("own-plan")!.Items, Has.Count.EqualTo(2));
            Assert.That(BySchema(PlanFolder.Plan()), Is.Empty);
        });
    }

    [Test]
    public void Every_fault_of_every_file_is_told_at_once()
    {
        using var folder = new PlanFolder();
        var one = PlanFolder.Plan("one");
        one.Remove("title");
        one["version"] = "x";
        var two = PlanFolder.Plan("two");
        two["onMissing"] = 5;

        Assert.That(folder.With(one).With(two).Load().Faults.Select(f => f.Split(':')[0]), Is.EqualTo(new[] { "one.json $.version", "one.json $.title", "two.json $.onMissing" }));
    }

    [TestCase("own-plan.json", "[]", "own-plan.json $: must be an object")]
    [TestCase("own-plan.json", "{", "own-plan.json $: is no JSON, or nests too deeply (line 1)")]
    [TestCase("own-plan.json", "{\"id\":\"a\",\"id\":\"b\"}", "own-plan.json $: has a member twice in one object")]
    [TestCase("valuesets/own.json", "{\"id\":\"other\"}", "valuesets/own.json $.id: must be own, as the file is named")]
    [TestCase("valuesets/own.json", "{\"id\":\"own\"}", "valuesets/own.json $.codes: is missing")]
    public void What_is_no_plan_or_value_set_is_told(string file, string text, string fault)
    {
        using var folder = new PlanFolder();

        Assert.That(folder.With(file, text).Load().Faults, Has.Some.StartsWith(fault));
    }

    [Test]
    public void A_plan_of_another_name_than_its_file_is_told()
    {
        using var folder = new PlanFolder();

        Assert.That(folder.With("other.json", PlanFolder.Plan().ToJsonString()).Load().Faults, Has.Some.StartsWith("other.json $.id: must be the file's name"));
    }

    [Test]
    public void The_start_tells_them_under_the_setting()
    {
        using var folder = new PlanFolder();
        var plan = PlanFolder.Plan();
        plan.Remove("title");
        folder.With(plan);
        var settings = new SettingsReader(new ConfigurationBuilder().AddInMemoryCollection([new("Gathering:PlanFolder", folder.FullName)]).Build());
        new ServiceCollection().AddGathering(settings);

        Assert.That(settings.Faults, Is.EqualTo(new[] { "Gathering:PlanFolder: own-plan.json $.title: is missing" }));
    }

    [Test]
    public void A_folder_that_is_not_there_is_told()
    {
        var faults = new List<string>();
        PlanBook.Load("/nowhere/at/all", faults);

        Assert.That(faults, Is.EqualTo(new[] { "there is no such folder, or this process may not read it" }));
    }

    private static IReadOnlyList<string> BySchema(JsonObject plan)
    {
        var schema = ShippedPlanTests.Read("plans/plan.schema.json");
        var files = new Dictionary<string, JsonElement> { ["valueset.schema.json"] = ShippedPlanTests.Read("plans/valueset.schema.json") };
        return SchemaChecker.Check(new SchemaReferences(schema, files), schema, JsonSerializer.SerializeToElement(plan));
    }

    private static void Set(JsonNode at, string[] path, string? value)
    {
        foreach (var name in path[..^1]) at = int.TryParse(name, out int index) ? at[index]! : at[name]!;
        if (value is null) at.AsObject().Remove(path[^1]);
        else at[path[^1]] = JsonNode.Parse(value);
    }
}
