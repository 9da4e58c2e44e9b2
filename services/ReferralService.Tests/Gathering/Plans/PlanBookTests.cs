using ReferralService.Gathering;
using ReferralService.Gathering.Plans;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Gathering.Plans;

public sealed class PlanBookTests
{
    [Test]
    public void A_plan_of_the_operator_takes_the_place_of_the_shipped_one()
    {
        using var folder = new PlanFolder();
        var plan = PlanFolder.Plan("urology-psa");
        plan["version"] = "2.0.0";

        Assert.That(folder.With(plan).Book().Find("urology-psa")!.Title, Is.EqualTo("Our own"));
    }

    [TestCase("1.2.0")]
    [TestCase("1.0.0")]
    [TestCase("0.9.9")]
    public void It_must_have_the_higher_version(string version)
    {
        using var folder = new PlanFolder();
        var plan = PlanFolder.Plan("urology-psa");
        plan["version"] = version;

        Assert.That(folder.With(plan).Load().Faults, Is.EqualTo(new[]
        {
            "urology-psa.json $.version: must be higher than 1.2.0, the version shipped with this program; compare the two, then raise it",
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

        var includers = PlanBook.Shipped().All.Where(p => p.Includes.Contains("core")).Select(p => p.Id).ToList();
        Assert.That(includers, Does.Contain("urology-psa"));
        Assert.That(folder.With(core).Load().Faults, Is.EqualTo(new[] { $"core.json $.status: must not be retired while others include it: {string.Join(", ", includers)}" }));
    }

    [Test]
    public void The_start_says_which_plans_are_in_force()
    {
        using var folder = new PlanFolder();
        var replaced = PlanFolder.Plan("urology-psa");
        replaced["version"] = "2.0.0";
        var retired = PlanFolder.Plan("urology-stones");
        retired["version"] = "2.1.0";
        retired["status"] = "retired";
        var log = new LogLines();

        GatheringSetup.TellPlans(log, folder.With(PlanFolder.Plan()).With(replaced).With(retired).Book());

        Assert.Multiple(() =>
        {
            Assert.That(log.Lines[0], Does.StartWith("9 shipped record plans are in force, drafts that no clinician has reviewed for these patients: cardiology-chest-pain 1.1.0, ")
                .And.Not.Contain("urology-psa").And.Not.Contain("urology-stones"));
            Assert.That(log.Lines.Skip(1), Is.EqualTo(new[]
            {
                "A record plan of Gathering:PlanFolder is in force: own-plan 1.0.0, active.",
                "A record plan of Gathering:PlanFolder is in force: urology-psa 2.0.0, active, in place of the shipped 1.2.0.",
                "A record plan is switched off by Gathering:PlanFolder: urology-stones 2.1.0, retired, in place of the shipped 1.1.0.",
            }));
        });
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
