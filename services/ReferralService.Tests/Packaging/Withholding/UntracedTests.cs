using System.Text;
using ReferralService.Fhir.Resources;
using ReferralService.Gathering.Plans;
using ReferralService.Ledger;
using ReferralService.Packaging;
using static ReferralService.Tests.Packaging.Withholding.WithholdingBench;

namespace ReferralService.Tests.Packaging.Withholding;

/// <summary>A recipient learns how many items were withheld, and nothing from which it could tell what they were.</summary>
internal sealed class UntracedTests
{
    private const string Denied = "denied-one";

    private static readonly string DenyHiv = Consent($$"""{"type":"permit","provision":[{"type":"deny","securityLabel":[{{Label("HIV")}}]}]}""");

    [Test]
    public async Task Who_made_a_withheld_result_and_where_stays_with_it([Values(PackageForm.Document, PackageForm.Transaction, PackageForm.Collection)] PackageForm form)
    {
        string more = ""","performer":[{"reference":"PractitionerRole/r"},{"reference":"Practitioner/known"}],"encounter":{"reference":"Encounter/e"}""";
        var package = await BuildAsync(
            new RecordBuilder().With(Observation(Denied, more, meta: Meta("HIV")), Observation("kept", ""","performer":[{"reference":"Practitioner/known"}]"""), DenyHiv)
                .Led($"Observation/{Denied}", "Observation.performer", """{"resourceType":"PractitionerRole","id":"r","organization":{"reference":"Organization/clinic"}}""")
                .Led("PractitionerRole/r", "PractitionerRole.organization", """{"resourceType":"Organization","id":"clinic","name":"HIV Centre"}""")
                .Led($"Observation/{Denied}", "Observation.encounter", """{"resourceType":"Encounter","id":"e","status":"finished","class":{"code":"AMB"}}""")
                .Led($"Observation/{Denied}", "Observation.performer", """{"resourceType":"Practitioner","id":"known","name":[{"family":"Bekannt"}]}"""),
            form);

        Assert.Multiple(() =>
        {
            Assert.That(package.Text, Does.Not.Contain("HIV Centre").And.Not.Contain("PractitionerRole").And.Not.Contain("\"Encounter\""));
            Assert.That(package.Text, Does.Contain("Bekannt"), "what something that goes refers to, goes");
            Assert.That(
                package.Manifest.Omitted.Select(o => $"{o.Reference} {o.Reason} {o.Rule}"),
                Is.EqualTo(new[]
                {
                    $"Encounter/e withheld-by-consent with Observation/{Denied}: Consent/c/_history/3 denies (provision.provision[0])",
                    $"Observation/{Denied} withheld-by-consent Consent/c/_history/3 denies (provision.provision[0])",
                    $"Organization/clinic withheld-by-consent with PractitionerRole/r: with Observation/{Denied}: Consent/c/_history/3 denies (provision.provision[0])",
                    $"PractitionerRole/r withheld-by-consent with Observation/{Denied}: Consent/c/_history/3 denies (provision.provision[0])",
                }));
        });
    }

    [Test]
    public async Task A_circle_of_references_behind_what_is_withheld_is_no_way_in()
    {
        var package = await BuildAsync(
            new RecordBuilder().With(Observation(Denied, ""","specimen":{"reference":"Specimen/one"}""", meta: Meta("HIV")), DenyHiv)
                .Led($"Observation/{Denied}", "Observation.specimen", """{"resourceType":"Specimen","id":"one","parent":[{"reference":"Specimen/two"}]}""")
                .Led("Specimen/one", "Specimen.parent", """{"resourceType":"Specimen","id":"two","parent":[{"reference":"Specimen/one"}]}"""),
            PackageForm.Collection);

        Assert.That(package.Text, Does.Not.Contain("Specimen"));
    }

    [Test]
    public async Task What_a_withheld_resource_lacks_is_not_told()
    {
        string more = ""","specimen":{"reference":"Specimen/lost"},"derivedFrom":[{"reference":"MolecularSequence/both"}],"device":{"reference":"Device?identifier=x"}""";
        var package = await BuildAsync(
            new RecordBuilder().With(Observation(Denied, more, meta: Meta("HIV")), Observation("kept", ""","derivedFrom":[{"reference":"MolecularSequence/both"}]"""), DenyHiv)
                .Gap("Specimen/lost", "not-found", "Observation.specimen").Gap("MolecularSequence/both", "not-found", "Observation.derivedFrom")
                .Gap("Device?conditional", "conditional", "Observation.device").Gap($"Observation/{Denied}", "bad-content", "contained"),
            PackageForm.Document);
        var section = BuiltPackage.Narrative(package.Section("What is missing")).Value;

        Assert.Multiple(() =>
        {
            Assert.That(section, Does.Not.Contain("Specimen").And.Not.Contain("Device").And.Not.Contain("damaged"));
            Assert.That(section, Does.Contain("1 MolecularSequence"), "something that goes lacks it, too");
            Assert.That(package.Manifest.Omitted.Select(o => o.Reference), Does.Contain("Specimen/lost"), "the sender's privacy role sees it");
        });
    }

    [Test]
    public async Task Without_what_is_withheld_the_checklist_is_that_of_a_record_that_never_had_it()
    {
        const string Item = "plan:urology-psa/psa-series";
        string Psa(string id, string day, string meta = "") => $$"""
            {"resourceType":"Observation","id":"{{id}}"{{meta}},"status":"final","code":{"coding":[{"system":"http://loinc.org","code":"2857-1"}]},"subject":{"reference":"Patient/p"},"effectiveDateTime":"{{day}}",
             "valueQuantity":{"value":{{(id == "newest" ? 200 : 120)}},"system":"http://unitsofmeasure.org","code":"ng/mL"} }
            """;
        var withheld = await BuildAsync(
            new RecordBuilder().Wanted(Item, Psa("older", "2025-02-01")).Wanted(Item, Psa("newest", "2026-05-01", Meta("HIV"))).With(DenyHiv).Planned(Planned(("older", "2025-02-01"), ("newest", "2026-05-01"))),
            PackageForm.Document);
        var never = await BuildAsync(new RecordBuilder().Wanted(Item, Psa("older", "2025-02-01")).Planned(Planned(("older", "2025-02-01"))), PackageForm.Document);

        Assert.Multiple(() =>
        {
            Assert.That(BuiltPackage.Narrative(withheld.Section("Checklist")).Value, Is.EqualTo(BuiltPackage.Narrative(never.Section("Checklist")).Value).And.Contain("older than wanted2025-02-01"));
            Assert.That(withheld.Manifest.Checklist.Single(c => c.Item == Item).Date, Is.EqualTo("2026-05-01"), "the sender's privacy role sees all of it");
        });

        PlannedRecord Planned(params (string Id, string Day)[] results)
        {
            var facts = results.Select(r => RelevanceReading.Read(RawResource.Read(Encoding.UTF8.GetBytes(Psa(r.Id, r.Day))))).ToList();
            var plans = new[] { new ChosenPlan(PlanBook.Shipped().Find("urology-psa")!, ["psa-words < ServiceRequest.code"]) };
            var judge = new RelevanceJudge(plans, Today, null);
            facts.ForEach(f => judge.See(f));
            return new PlannedRecord(plans, Checklist.Of(plans, judge)) { At = Today, Included = [.. facts.Select(f => new PlannedRecord.Chosen(f.Key, false, []))] };
        }
    }

    [TestCase("DiagnosticReport", ""","result":[{"reference":"Observation/a"}],"conclusion":"tells of a" """)]
    [TestCase("Observation", ""","hasMember":[{"reference":"Observation/a"}]""")]
    [TestCase("Provenance", ""","target":[{"reference":"Observation/a"}],"agent":[{"who":{"display":"somebody"}}]""")]
    public void What_repeats_something_denied_by_name_stays_with_it(string type, string elements)
    {
        string provision = """{"type":"permit","provision":[{"type":"deny","data":[{"meaning":"instance","reference":{"reference":"Observation/a"}}]}]}""";
        string repeats = $$"""{"resourceType":"{{type}}","id":"repeats","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/p"}{{elements}} }""";

        Assert.That(Goes(new RecordBuilder().With(Observation("a"), Observation("b"), repeats, Consent(provision))), Is.EqualTo(new[] { "b" }));
    }

    [Test]
    public void What_is_only_outside_of_a_permit_does_not_keep_back_what_is_inside()
    {
        string provision = """{"type":"permit","class":[{"system":"http://hl7.org/fhir/resource-types","code":"DiagnosticReport"}]}""";
        string report = """{"resourceType":"DiagnosticReport","id":"r","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/p"},"result":[{"reference":"Observation/a"}]}""";

        Assert.That(Goes(new RecordBuilder().With(Observation("a"), report, Consent(provision))), Is.EqualTo(new[] { "r" }));
    }

    private static async Task<BuiltPackage> BuildAsync(RecordBuilder builder, PackageForm form)
    {
        await using var record = builder.Build();
        using var output = new MemoryStream();
        var outcome = await new PackageBuilder(Options()).BuildAsync(record, RecordBuilder.For(form) with { RecipientKeys = [Recipient] }, output, CancellationToken.None);
        Assert.That(outcome, Is.InstanceOf<PackagingOutcome.Packaged>());
        return new BuiltPackage(output.ToArray(), (PackagingOutcome.Packaged)outcome);
    }
}
