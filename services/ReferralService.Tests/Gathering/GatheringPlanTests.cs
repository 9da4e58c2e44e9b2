using ReferralService.Fhir.Resources;
using ReferralService.Gathering;

namespace ReferralService.Tests.Gathering;

public sealed class GatheringPlanTests
{
    private static readonly DateTimeOffset Start = new(2024, 11, 22, 10, 0, 0, TimeSpan.Zero);

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
    public void A_look_back_longer_than_the_calendar_is_cut() => Assert.That(GatheringPlan.WindowStart(GatherBench.Now, TimeSpan.FromDays(73_000)).Year, Is.EqualTo(1827));

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
