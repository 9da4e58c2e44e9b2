using ReferralService.Flow;
using ReferralService.Ledger;
using ReferralService.Packaging;
using ReferralService.Tests.Packaging;
using ReferralService.Tests.Packaging.Withholding;

namespace ReferralService.Tests.Flow;

/// <summary>What the timeline says to everybody who may see the referral: nothing of what was withheld, neither named nor by subtraction.</summary>
internal sealed class StepTallyTests
{
    private static readonly string Denying = WithholdingBench.Consent($$"""{"type":"deny","securityLabel":[{{WithholdingBench.Label("HIV")}}]}""");

    [Test]
    public async Task Both_lines_read_as_if_what_is_withheld_had_never_been_there()
    {
        var whole = new RecordBuilder().With(Condition("carried"), Denying).Searched("Condition", "conditions", found: 1);
        var denied = new RecordBuilder().With(Condition("carried"), Condition("kept-back", WithholdingBench.Meta("R", "HIV")), Condition("kept-back-too", WithholdingBench.Meta("R", "HIV")), Denying)
            .Gap("Observation/of-the-kept-back", "not-found", "Condition.evidence").Searched("Condition", "conditions", found: 3);

        var (without, with) = (await LinesAsync(whole), await LinesAsync(denied));

        Assert.That(with.Withheld - without.Withheld, Is.EqualTo(2), "the Consent does withhold them");
        Assert.That(with.Lines, Is.EqualTo(without.Lines));
        Assert.That(with.Lines, Does.Contain("Condition:1:1").And.Contain("ms=1250"));
    }

    private static async Task<(string Lines, int Withheld)> LinesAsync(RecordBuilder builder)
    {
        await using var record = builder.Build();
        using var output = new MemoryStream();
        var outcome = await new PackageBuilder(WithholdingBench.Options()).BuildAsync(record, RecordBuilder.For(PackageForm.Document), output, CancellationToken.None);
        Assert.That(outcome, Is.InstanceOf<PackagingOutcome.Packaged>(), (outcome as PackagingOutcome.Impossible)?.Code);
        var packaged = (PackagingOutcome.Packaged)outcome;
        // The package's own bytes and digest say that something is withheld, as the package itself does to the recipient; they do not say what.
        var receipt = new VaultReceipt("sha-256:0", 4711, 1);
        var lines = StepTally.Gathered(record, TimeSpan.FromMilliseconds(1250)).Concat(StepTally.Contents(PackageForm.Document, receipt, packaged.Carried)).Append(new("entries", $"{packaged.Entries}"));
        return (string.Join('\n', lines.Select(line => $"{line.Key}={line.Value}")), packaged.Manifest.Omitted.Count(o => o.Reason == "withheld-by-consent" && o.Reference.StartsWith("Condition/", StringComparison.Ordinal)));
    }

    private static string Condition(string id, string meta = "")
        => $$"""{"resourceType":"Condition","id":"{{id}}"{{meta}},"code":{"text":"a problem"},"subject":{"reference":"Patient/p"} }""";
}
