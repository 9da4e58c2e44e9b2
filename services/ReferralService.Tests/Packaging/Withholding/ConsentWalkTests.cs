using ReferralService.Ledger;
using ReferralService.Packaging;
using ReferralService.Tests.Gathering;
using ReferralService.Tests.Support;
using static ReferralService.Tests.Packaging.Withholding.WithholdingBench;

namespace ReferralService.Tests.Packaging.Withholding;

/// <summary>From an EHR over HTTP to the package.</summary>
internal sealed class ConsentWalkTests
{
    [TestCase("active", false)]
    [TestCase("inactive", true)]
    [Fault("S24")]
    public async Task What_a_consent_at_the_EHR_denies_is_not_in_the_package_nor_who_made_it(string status, bool goes)
    {
        await using var bench = (await GatherBench.StartAsync()).WithOrder("\"code\":{\"text\":\"A rash\"}");
        string deny = Consent($$"""{"type":"permit","provision":[{"type":"deny","securityLabel":[{{Label("HIV")}}]}]}""", status: status);
        string[] record =
        [
            Observation("viral-load", ""","performer":[{"reference":"Organization/centre"}],"specimen":{"reference":"Specimen/lost"}""", "2026-10-01")
                .Replace("\"text\":\"a result\"", "\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"20447-9\"}]", StringComparison.Ordinal),
            Observation("crp", ""","performer":[{"reference":"Organization/clinic"}]""", "2026-10-01"),
            """{"resourceType":"Organization","id":"centre","name":"Centre for HIV"}""", """{"resourceType":"Organization","id":"clinic","name":"Clinic"}""",
        ];
        bench.Load([.. record.Append(deny).Select(r => r.Replace("Patient/p\"", "Patient/p1\"", StringComparison.Ordinal))]);
        await using var gathered = await bench.RecordAsync();
        using var output = new MemoryStream();
        var outcome = await new PackageBuilder(Options()).BuildAsync(gathered, RecordBuilder.For(PackageForm.Document), output, CancellationToken.None);
        var package = new BuiltPackage(output.ToArray(), (PackagingOutcome.Packaged)outcome);

        Assert.Multiple(() =>
        {
            Assert.That(package.Text.Contains("viral-load") || package.Text.Contains("Centre for HIV"), Is.EqualTo(goes));
            Assert.That(package.Text.Contains("Specimen"), Is.EqualTo(goes));
            Assert.That(package.Text, Does.Contain("\"crp\"").And.Contain("Clinic"));
            Assert.That(package.Manifest.Consent.Withheld.Values.Sum(), Is.EqualTo(goes ? 0 : 2));
        });
    }
}
