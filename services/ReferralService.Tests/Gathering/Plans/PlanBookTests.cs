using ReferralService.Gathering.Plans;

namespace ReferralService.Tests.Gathering.Plans;

public sealed class PlanBookTests
{
    [Test]
    public void A_plan_of_the_operator_takes_the_place_of_the_shipped_one()
    {
        using var folder = new PlanFolder();
        var plan = PlanFolder.Plan("urology-psa");
        plan["version"] = "1.2.0";

        Assert.That(folder.With(plan).Book().Find("urology-psa")!.Title, Is.EqualTo("Our own"));
    }

    [TestCase("1.1.0")]
    [TestCase("1.0.0")]
    [TestCase("0.9.9")]
    public void It_must_have_the_higher_version(string version)
    {
        using var folder = new PlanFolder();
        var plan = PlanFolder.Plan("urology-psa");
        plan["version"] = version;

        Assert.That(folder.With(plan).Load().Faults, Is.EqualTo(new[]
        {
            "urology-psa.json $.version: must be higher than 1.1.0, the version shipped with this program; compare the two, then raise it",
        }));
    }

    [TestCase("1.9.0", "1.10.0")]
    [TestCase("9.0.0", "10.0.0")]
    public void Versions_are_compared_by_number(string lower, string higher)
        => Assert.That(PlanVersion.Parse(lower)!.Value.CompareTo(PlanVersion.Parse(higher)!.Value), Is.LessThan(0));

    [Test]
    public void A_retired_plan_is_not_chosen()
    {
        using var folder = new PlanFolder();
        var plan = PlanFolder.Plan("urology-psa");
        plan["version"] = "2.0.0";
        plan["status"] = "retired";
        var book = folder.With(plan).Book();

        Assert.That(PlanChoice.For(new OrderFacts { Code = Make.Words("rash") }, book).Select(p => p.Plan.Id), Is.EqualTo(new[] { "core", "general" }));
    }

    [Test]
    public void The_fallback_cannot_be_retired()
    {
        using var folder = new PlanFolder();
        var plan = PlanFolder.Plan("general");
        plan["version"] = "2.0.0";
        plan["status"] = "retired";

        Assert.That(folder.With(plan).Load().Faults, Has.Some.StartsWith("general.json $.status: must not be retired"));
    }

    [Test]
    public void What_is_retired_cannot_be_included()
    {
        using var folder = new PlanFolder();
        var core = PlanFolder.Plan("core");
        core["version"] = "2.0.0";
        core["status"] = "retired";
        core.Remove("includes");

        Assert.That(folder.With(core).Load().Faults, Has.Some.EqualTo("urology-psa.json $.includes[0]: core is retired"));
    }

    [Test]
    public void A_value_set_of_the_operator_serves_the_operators_plans_and_leaves_the_shipped_ones_alone()
    {
        using var folder = new PlanFolder();
        var plan = PlanFolder.Plan();
        plan["must"]![0]!["valueSets"] = new System.Text.Json.Nodes.JsonArray("psa");
        var book = folder.With(plan).With("valuesets/psa.json", """
            { "id": "psa", "title": "PSA here", "source": { "title": "House list", "publisher": "The laboratory", "year": 2026, "url": "https://example.org" },
              "codes": [ { "system": "http://lab.example/codes", "codes": { "PSA1": "PSA" } } ] }
            """).Book();

        Assert.Multiple(() =>
        {
            Assert.That(book.Find("own-plan")!.Items[0].Codes.Exact.Select(c => c.ToString()), Is.EqualTo(new[] { "http://lab.example/codes|PSA1", "http://loinc.org|1988-5" }));
            Assert.That(book.Find("urology-psa")!.Items[0].Codes.Exact.Select(c => c.Code), Does.Contain("2857-1").And.Not.Contain("PSA1"));
        });
    }

    [Test]
    public void Without_a_folder_only_the_shipped_plans_are_there()
        => Assert.That(PlanBook.Shipped().All.Select(p => p.Id), Is.EqualTo(new[]
        {
            "cardiology-chest-pain", "cardiology-heart-failure", "core", "endocrinology-diabetes", "general", "oncology-second-opinion",
            "second-opinion", "urology-haematuria", "urology-psa", "urology-stones", "urology-testicular-mass",
        }));
}
