using ReferralService.Ledger;
using ReferralService.Packaging;
using ReferralService.Packaging.Conformance;
using ReferralService.Tests.Gathering;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Packaging.Conformance;

internal sealed class CarriedLintTests
{
    private const string Odd = """{"resourceType":"Observation","id":"odd","status":"nearly","code":{"text":"a"},"subject":{"reference":"Patient/p"},"valueText":"b"}""";
    private const string WideId = """{"resourceType":"Observation","id":"wide_id","status":"final","code":{"text":"a"},"subject":{"reference":"Patient/p"}}""";

    private static readonly PackageBuilder Holding = new(null, new ValidationOptions { Carried = CarriedPolicy.Hold });

    [Test]
    [Fault("S20")]
    public async Task What_does_not_conform_is_sent_untouched_and_listed([Values] PackageForm form)
    {
        var package = await BuiltPackage.Of(new RecordBuilder().With(Odd), form);
        var row = package.Manifest.Validation.Single();

        Assert.Multiple(() =>
        {
            Assert.That((row.Reference, row.Resources, row.Errors, row.Warnings), Is.EqualTo(("Observation/odd", 1, 2, 0)));
            Assert.That(row.Findings, Is.EqualTo(new[] { new ManifestFinding("error", "unknown-code", "Observation.status", null), new ManifestFinding("error", "unknown-element", "Observation.valueText", null) }));
            Assert.That(package.Raw("Observation", "odd"), Does.Contain("\"status\":\"nearly\"").And.Contain("\"valueText\":\"b\""));
        });
    }

    [Test]
    [Fault("S20")]
    public async Task Where_the_operator_wants_it_the_referral_is_held_and_nothing_is_written()
    {
        var (bytes, outcome) = await new RecordBuilder().With(Odd).BuildAsync(PackageForm.Document, builder: Holding);

        Assert.Multiple(() =>
        {
            Assert.That(outcome, Is.InstanceOf<PackagingOutcome.Impossible>().With.Property("Code").EqualTo("record-invalid").And.Property("Path").EqualTo("Observation.status"));
            Assert.That(bytes, Is.Empty);
        });
    }

    [Test]
    public async Task The_message_names_how_many_and_the_first_few_places_and_no_name_that_the_EHR_made_up()
    {
        var (_, outcome) = await new RecordBuilder()
            .With(Odd, Odd.Replace("\"odd\"", "\"odd2\"").Replace("valueText", "zzphi"), WideId,
                """{"resourceType":"Condition","id":"c","subject":{"reference":"Patient/p"},"code":{"coding":[{"system":"s","code":1}]},"stage":[{"type":[]}]}""")
            .BuildAsync(PackageForm.Document, builder: Holding);

        Assert.That(((PackagingOutcome.Impossible)outcome).Message, Does.StartWith("3 of the record's resources are not as R4 says, at ")
            .And.Contain("Observation.status (2), Observation.? (2)").And.Not.Contain("zzphi").And.Not.Contain("["));
    }

    [Test]
    public async Task An_id_wider_than_R4s_is_a_warning_and_holds_nothing()
    {
        var (_, outcome) = await new RecordBuilder().With(WideId).BuildAsync(PackageForm.Document, builder: Holding);
        var row = ((PackagingOutcome.Packaged)outcome).Manifest.Validation.Single();

        Assert.That((row.Errors, row.Warnings, row.Findings.Single()), Is.EqualTo((0, 1, new ManifestFinding("warning", "bad-primitive", "Observation.id", null))));
    }

    [Test]
    public async Task What_is_withheld_is_not_listed_and_holds_nothing()
    {
        string denied = Odd.Replace("\"status\"", """ "meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"}]},"status" """);
        var (_, outcome) = await new RecordBuilder().With(denied).BuildAsync(PackageForm.Document, builder: Holding);

        Assert.That(((PackagingOutcome.Packaged)outcome).Manifest.Validation, Is.Empty);
    }

    [Test]
    public async Task A_manifest_lists_so_many_and_counts_the_rest()
    {
        string[] odd = [.. Enumerable.Range(1, CarriedLint.MostListed + 3).Select(i => Odd.Replace("\"odd\"", $"\"odd{i}\""))];
        var rows = (await BuiltPackage.Of(new RecordBuilder().With(odd), PackageForm.Collection)).Manifest.Validation;

        Assert.Multiple(() =>
        {
            Assert.That(rows, Has.Count.EqualTo(CarriedLint.MostListed + 1));
            Assert.That((rows[^1].Reference, rows[^1].Resources, rows[^1].Errors, rows[^1].Findings.Count), Is.EqualTo(((string?)null, 3, 6, 0)));
        });
    }

    [Test]
    public async Task A_large_file_is_looked_at_without_its_bytes()
    {
        await using var bench = (await GatherBench.StartAsync()).WithOrder();
        string data = Convert.ToBase64String(new byte[400_000]);
        bench.Load($$"""
            {"resourceType":"DocumentReference","id":"scan","status":"current","type":{"text":"Letter"},"subject":{"reference":"Patient/p1"},"date":"2026-10-01T00:00:00Z","content":[{"attachment":{"contentType":"application/pdf","data":"{{data}}"} }],"odd":1}
            """);
        await using var record = await bench.RecordAsync();
        var scan = record.Resources.Single(r => r.Key.Id == "scan");

        Assert.That(scan.Cuts, Is.Not.Empty);
        var bodies = new CarriedBodies(record);
        using var tokens = new BodyTokens(bodies);
        var lint = new CarriedLint();
        lint.Take(scan, tokens);

        Assert.That(lint.Rows.Single().Findings, Is.EqualTo(new[] { new ManifestFinding("error", "unknown-element", "DocumentReference.odd", null) }));
    }
}
