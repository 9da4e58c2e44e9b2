using ReferralService.Fhir.Resources;
using ReferralService.Gathering.Plans;
using ReferralService.Ledger;

namespace ReferralService.Tests.Packaging;

internal sealed class ChecklistTableTests
{
    private const string Restricted = """ "meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"}]}, """;

    [Test]
    public async Task A_person_reads_which_plans_there_were_and_what_of_theirs_is_inside()
    {
        var package = await BuiltPackage.Of(new RecordBuilder().With(Result("psa")).Planned(Record("psa")), PackageForm.Document);
        var text = BuiltPackage.Narrative(package.Section("Checklist")).Value;

        Assert.Multiple(() =>
        {
            Assert.That(text, Does.Contain("(urology-psa 1.2.0, draft)"));
            Assert.That(text, Does.Contain("PSA, whole seriesmust haveyes, older than wanted, without its file2026-10-01"));
            Assert.That(text, Does.Contain("MRI of the prostateshould haveno"));
            Assert.That(text, Does.Contain("To be looked at first:PSA above 100 ng/mL, 2026-10-01"));
        });
    }

    [Test]
    public async Task What_is_withheld_looks_as_if_it_had_never_been_there()
    {
        var withheld = await BuiltPackage.Of(new RecordBuilder().With(Result("psa", Restricted)).Planned(Record("psa")), PackageForm.Document);
        var never = await BuiltPackage.Of(new RecordBuilder().Planned(Record(null)), PackageForm.Document);

        Assert.That(BuiltPackage.Narrative(withheld.Section("Checklist")).Value, Is.EqualTo(BuiltPackage.Narrative(never.Section("Checklist")).Value).And.Contain("PSA, whole seriesmust haveno"));
    }

    [TestCase("", true)]
    [TestCase(Restricted, false)]
    public async Task A_plan_that_only_a_withheld_condition_chose_is_not_named(string meta, bool named)
    {
        string order = RecordBuilder.Order.Replace("\"authoredOn\"", "\"reasonReference\":[{\"reference\":\"Condition/c\"}],\"authoredOn\"");
        string condition = $$"""{"resourceType":"Condition","id":"c",{{meta}}"code":{"text":"a"},"subject":{"reference":"Patient/p"} }""";
        var planned = Record(null, "raised-psa < ServiceRequest.reasonReference");
        var package = await BuiltPackage.Of(new RecordBuilder().Without(RecordBuilder.Order).With(order, condition).Planned(planned), PackageForm.Document);

        Assert.Multiple(() =>
        {
            Assert.That(package.Sections.Any(s => s.GetProperty("title").ValueEquals("Checklist")), Is.EqualTo(named));
            Assert.That(package.Manifest.Plan.Select(p => p.Id), Is.EqualTo(new[] { "urology-psa" }), "the sender's privacy role sees it");
        });
    }

    [TestCase("", true)]
    [TestCase(Restricted, false)]
    public async Task A_plan_that_only_a_hidden_plan_includes_is_not_named(string meta, bool named)
    {
        string order = RecordBuilder.Order.Replace("\"authoredOn\"", "\"reasonReference\":[{\"reference\":\"Condition/c\"}],\"authoredOn\"");
        string condition = $$"""{"resourceType":"Condition","id":"c",{{meta}}"code":{"text":"a"},"subject":{"reference":"Patient/p"} }""";
        var chosen = Record(null, "raised-psa < ServiceRequest.reasonReference");
        var planned = chosen with { Plans = [new ChosenPlan(PlanBook.Shipped().Find("urology-haematuria")!, ["included-by:urology-psa"]), .. chosen.Plans] };
        var package = await BuiltPackage.Of(new RecordBuilder().Without(RecordBuilder.Order).With(order, condition).Planned(planned), PackageForm.Document);

        Assert.That(package.Sections.Any(s => s.GetProperty("title").ValueEquals("Checklist")), Is.EqualTo(named));
    }

    private static PlannedRecord Record(string? newest, string because = "psa-words < ServiceRequest.code")
    {
        var plan = PlanBook.Shipped().Find("urology-psa")!;
        var psa = newest is null
            ? new ChecklistRow("plan:urology-psa/psa-series", "PSA, whole series", true, CheckStatus.Absent, null, [])
            : new ChecklistRow("plan:urology-psa/psa-series", "PSA, whole series", true, CheckStatus.Stale, "2026-10-01", ["attachment"]) { Newest = new ResourceKey("Observation", newest) };
        var mri = new ChecklistRow("plan:urology-psa/prostate-mri", "MRI of the prostate", false, CheckStatus.Absent, null, []);
        PlanAlarm[] alarms = newest is null ? [] : [new PlanAlarm("plan:urology-psa/psa-series!very-high", "PSA above 100 ng/mL", $"Observation/{newest}", "2026-10-01")];
        return new PlannedRecord([new ChosenPlan(plan, [because])], new Checklist([mri, psa], alarms, []));
    }

    private static string Result(string id, string meta = "")
        => $$"""{"resourceType":"Observation","id":"{{id}}",{{meta}}"status":"final","code":{"text":"PSA"},"subject":{"reference":"Patient/p"},"effectiveDateTime":"2026-10-01"}""";
}
