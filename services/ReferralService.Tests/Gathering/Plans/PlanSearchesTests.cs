using ReferralService.Gathering.Plans;

namespace ReferralService.Tests.Gathering.Plans;

public sealed class PlanSearchesTests
{
    [Test]
    public void One_plan_asks_for_its_codes_since_its_longest_look_back()
    {
        var crp = Of("rash", folder => folder.With(Alone("own-plan"))).Single(s => s.Type == "Observation");

        Assert.Multiple(() =>
        {
            Assert.That(crp.Codes.Select(c => c.ToString()), Is.EqualTo(new[] { "http://loinc.org|1988-5" }));
            Assert.That(crp, Has.Property("Everything").False.And.Property("Mandatory").True);
            Assert.That(crp.Earliest, Is.EqualTo(new DateTimeOffset(2025, 11, 23, 0, 0, 0, TimeSpan.Zero)));
            Assert.That(crp.Rules, Is.EqualTo(new[] { "plan:own-plan/crp" }));
        });
    }

    [Test]
    public void Several_plans_ask_for_the_union()
    {
        var search = Of("rash", folder =>
        {
            var other = Alone("other-plan");
            other["must"]![0]!["lookBack"] = "P3Y";
            other["must"]![0]!["codes"]![0]!["codes"] = new System.Text.Json.Nodes.JsonObject { ["718-7"] = "Hb" };
            return folder.With(Alone("own-plan")).With(other);
        }).Single(s => s.Type == "Observation");

        Assert.Multiple(() =>
        {
            Assert.That(search.Codes.Select(c => c.Code), Is.EqualTo(new[] { "1988-5", "718-7" }));
            Assert.That(search.Earliest!.Value.Year, Is.EqualTo(2023));
        });
    }

    [Test]
    public void Words_cannot_be_searched_for_so_everything_is_asked()
        => Assert.That(Of("elevated psa", folder => folder).Single(s => s.Type == "DocumentReference").Everything, Is.True);

    [Test]
    public void What_is_filed_under_a_category_is_asked_by_category()
    {
        using var folder = new PlanFolder();
        var plan = Alone("own-plan");
        var item = plan["must"]![0]!.AsObject();
        item.Remove("codes");
        item["categories"] = System.Text.Json.Nodes.JsonNode.Parse("""[ { "system": "http://terminology.hl7.org/CodeSystem/observation-category", "codes": { "laboratory": "laboratory" } } ]""");
        var search = PlanSearches.Of(PlanChoice.For(new OrderFacts { Code = Make.Words("rash") }, folder.With(plan).Book()), Make.Now, null).Single();

        Assert.That((search.Everything, search.Categories.Single().Code), Is.EqualTo((false, "laboratory")));
    }

    [Test]
    public void What_is_only_kept_back_is_not_asked_for()
        => Assert.That(Of("rash", folder => folder.With(Alone("own-plan"))).Select(s => s.Type), Is.EqualTo(new[] { "Observation" }));

    private static System.Text.Json.Nodes.JsonObject Alone(string id)
    {
        var plan = PlanFolder.Plan(id);
        plan.Remove("includes");
        return plan;
    }

    private static IReadOnlyList<TypeSearch> Of(string text, Func<PlanFolder, PlanFolder> fill)
    {
        using var folder = new PlanFolder();
        return PlanSearches.Of(PlanChoice.For(new OrderFacts { Code = Make.Words(text) }, fill(folder).Book()), Make.Now, null);
    }
}
