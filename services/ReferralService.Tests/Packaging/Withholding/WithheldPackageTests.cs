using System.Text.Json;
using ReferralService.Fhir.Resources;
using ReferralService.Gathering.Plans;
using ReferralService.Ledger;
using ReferralService.Packaging;
using ReferralService.Packaging.Withholding;
using static ReferralService.Tests.Packaging.Withholding.WithholdingBench;

namespace ReferralService.Tests.Packaging.Withholding;

/// <summary>The package itself: what a recipient can and cannot see in it.</summary>
internal sealed class WithheldPackageTests
{
    private const string Deny = "denied-one", Part2 = "part-two";

    [Test]
    public async Task What_is_withheld_is_counted_and_not_named([Values(PackageForm.Document, PackageForm.Transaction)] PackageForm form)
    {
        var package = await BuildAsync(Denied(), form);
        var section = BuiltPackage.Narrative(package.Section("What is missing")).Value;

        Assert.Multiple(() =>
        {
            Assert.That(section, Does.Contain("withheld as the patient wishes").And.Contain("1 item").And.Contain("withheld for the patient's privacy"));
            Assert.That(section, Does.Not.Contain("Observation").And.Not.Contain("HIV").And.Not.Contain("Consent"));
            Assert.That(package.Text, Does.Not.Contain(Deny).And.Not.Contain("\"Consent\""));
            Assert.That(package.Manifest.Omitted.Select(o => $"{o.Reference} {o.Reason}"), Is.EqualTo(new[] { $"Observation/{Deny} withheld-by-consent", $"Observation/{Part2} withheld-by-policy" }));
        });
    }

    [Test]
    public async Task A_document_that_a_withheld_one_replaced_counts_as_withheld_and_is_not_lost([Values] bool appended)
    {
        string newer = $$"""{"resourceType":"DocumentReference","id":"newer"{{Meta("42CFRPart2")}},"status":"current","subject":{"reference":"Patient/p"},"relatesTo":[{"code":"replaces","target":{"reference":"DocumentReference/older"} }],"content":[]}""";
        string addition = """{"resourceType":"DocumentReference","id":"addition","status":"current","subject":{"reference":"Patient/p"},"relatesTo":[{"code":"appends","target":{"reference":"DocumentReference/older"} }],"content":[]}""";
        var planned = new PlannedRecord([], new Checklist([], [], [])) { Replaced = [new Replacement(new ResourceKey("DocumentReference", "older"), [new ResourceKey("DocumentReference", "newer")])] };
        var record = new RecordBuilder().With(newer).Gap("DocumentReference/older", "replaced", "DocumentReference.relatesTo").Planned(planned);
        if (appended) record.With(addition);

        var package = await BuildAsync(record, PackageForm.Document);
        var section = BuiltPackage.Narrative(package.Section("What is missing")).Value;

        Assert.Multiple(() =>
        {
            Assert.That(section, Does.Contain("2 items").And.Not.Contain("replaced"));
            Assert.That(package.Manifest.Omitted.Select(o => $"{o.Reference} {o.Reason}"), Does.Contain("DocumentReference/older withheld-by-policy"));
        });
    }

    [Test]
    public async Task A_reference_to_what_is_withheld_stays_as_the_EHR_wrote_it()
    {
        string report = $$"""{"resourceType":"ClinicalImpression","id":"ci","status":"completed","subject":{"reference":"Patient/p"},"investigation":[{"code":{"text":"x"},"item":[{"reference":"Observation/{{Deny}}"}]}]}""";
        var (collection, transaction) = (await BuildAsync(Denied().With(report), PackageForm.Collection), await BuildAsync(Denied().With(report), PackageForm.Transaction));

        Assert.Multiple(() =>
        {
            Assert.That(collection.Raw("ClinicalImpression", "ci"), Is.EqualTo(report));
            Assert.That(transaction.Raw("ClinicalImpression", "ci"), Does.Contain($"\"{RecordBuilder.Ehr}/Observation/{Deny}\""));
        });
    }

    [Test]
    public async Task The_package_bears_the_high_water_mark_in_every_form([Values] PackageForm form)
    {
        var package = await BuildAsync(new RecordBuilder().With(Observation("a", meta: Meta("R", "HIV", "MASK")), Consent("""{"type":"permit"}""")), form);

        Assert.That(Codes(package.Bundle), Is.EqualTo(new[] { "R", "HIV" }));
        if (form != PackageForm.Collection) Assert.That(Codes(package.Composition), Is.EqualTo(new[] { "R", "HIV" }), "a transaction's Bundle is not kept");
    }

    [Test]
    public async Task The_notice_travels_in_every_form([Values] PackageForm form)
    {
        string provision = $$"""{"type":"permit","securityLabel":[{{Label("N")}},{{Label("42CFRPart2")}}]}""";
        var package = await BuildAsync(new RecordBuilder().With(Observation(Part2, meta: Meta("42CFRPart2")), Consent(provision)), form);
        var provenance = BuiltPackage.Resource(package.Entry("Provenance"));

        Assert.Multiple(() =>
        {
            Assert.That(BuiltPackage.Narrative(provenance).Value, Does.Contain(ConsentOptions.Part2Statement));
            if (form != PackageForm.Collection) Assert.That(BuiltPackage.Narrative(package.Section("Notice of confidentiality")).Value, Is.EqualTo(ConsentOptions.Part2Statement));
            Assert.That(package.Raw("Consent", "c"), Does.Contain("42CFRPart2"), "a copy of the consent goes with it");
        });
    }

    [Test]
    public async Task Provenance_tells_who_put_it_together_at_whose_request_from_which_versions([Values(PackageForm.Document, PackageForm.Transaction)] PackageForm form)
    {
        string order = RecordBuilder.Order.Trim().Replace("\"authoredOn\"", "\"requester\":{\"reference\":\"PractitionerRole/r\"},\"authoredOn\"", StringComparison.Ordinal);
        var package = await BuildAsync(
            new RecordBuilder().Without(RecordBuilder.Order).With(
                order, """{"resourceType":"PractitionerRole","id":"r","meta":{"versionId":"4"},"organization":{"reference":"Organization/clinic"}}""", """{"resourceType":"Organization","id":"clinic"}"""),
            form);
        var provenance = BuiltPackage.Resource(package.Entry("Provenance"));
        var agents = provenance.GetProperty("agent").EnumerateArray().ToList();

        Assert.Multiple(() =>
        {
            Assert.That(provenance.GetProperty("target")[0].GetProperty("identifier").GetProperty("value").GetString(), Is.EqualTo($"urn:uuid:{package.Manifest.PackageId:D}"));
            Assert.That(provenance.GetProperty("target").GetArrayLength(), Is.EqualTo(2));
            Assert.That(agents.Select(a => a.GetProperty("type").GetProperty("coding")[0].GetProperty("code").GetString()), Is.EqualTo(new[] { "assembler", "author" }));
            Assert.That(agents[0].GetProperty("who").GetProperty("reference").GetString(), Is.EqualTo("#assembler"));
            Assert.That(agents[0].GetProperty("onBehalfOf").GetProperty("reference").GetString(), Is.EqualTo(package.FullUrl("Organization", "clinic")));
            Assert.That(agents[1].GetProperty("who").GetProperty("reference").GetString(), Is.EqualTo(package.FullUrl("PractitionerRole", "r")));
            Assert.That(provenance.GetProperty("entity").EnumerateArray().Select(e => e.GetProperty("role").GetString()), Is.All.EqualTo("source"));
            Assert.That(
                provenance.GetProperty("entity").EnumerateArray().Select(e => e.GetProperty("what").GetProperty("reference").GetString()),
                Is.EquivalentTo(package.Manifest.Included.Select(i => i.VersionId is { } v ? $"{i.Source}/_history/{v}" : i.Source)));
        });
    }

    [Test]
    public async Task The_manifest_gives_account_of_the_decision()
    {
        var package = await BuildAsync(Denied(), PackageForm.Document);
        using var output = new MemoryStream();
        await PackageManifestJson.WriteAsync(output, package.Manifest, CancellationToken.None);
        var consent = JsonDocument.Parse(output.ToArray()).RootElement.GetProperty("consent");

        Assert.Multiple(() =>
        {
            Assert.That(consent.GetProperty("basis").GetString(), Is.EqualTo("consent"));
            Assert.That(consent.GetProperty("considered")[0].GetProperty("reference").GetString(), Is.EqualTo("Consent/c"));
            Assert.That(consent.GetProperty("considered")[0].GetProperty("version").GetString(), Is.EqualTo("3"));
            Assert.That(consent.GetProperty("withheld").GetProperty("withheld-by-consent").GetInt32(), Is.EqualTo(1));
        });
    }

    [Test]
    public async Task Where_the_order_may_not_go_there_is_no_package()
    {
        await using var record = new RecordBuilder().With(Consent("""{"type":"deny"}""")).Build();
        using var output = new MemoryStream();

        var outcome = await new PackageBuilder(Options()).BuildAsync(record, RecordBuilder.For(PackageForm.Document), output, CancellationToken.None);

        Assert.That((outcome as PackagingOutcome.Impossible)?.Code, Is.EqualTo("consent-denied"));
        Assert.That(output.Length, Is.Zero);
    }

    private static RecordBuilder Denied() => new RecordBuilder().With(
        Observation("kept"), Observation(Deny, meta: Meta("R", "HIV")), Observation(Part2, meta: Meta("42CFRPart2")),
        Consent($$"""{"type":"deny","securityLabel":[{{Label("HIV")}}]}"""));

    private static IEnumerable<string?> Codes(JsonElement resource) => resource.GetProperty("meta").GetProperty("security").EnumerateArray().Select(s => s.GetProperty("code").GetString());

    private static async Task<BuiltPackage> BuildAsync(RecordBuilder builder, PackageForm form)
    {
        await using var record = builder.Build();
        using var output = new MemoryStream();
        var outcome = await new PackageBuilder(Options()).BuildAsync(record, RecordBuilder.For(form), output, CancellationToken.None);
        Assert.That(outcome, Is.InstanceOf<PackagingOutcome.Packaged>());
        return new BuiltPackage(output.ToArray(), (PackagingOutcome.Packaged)outcome);
    }
}
