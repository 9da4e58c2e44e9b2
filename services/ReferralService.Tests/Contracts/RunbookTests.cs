using ReferralService.Contracts;

namespace ReferralService.Tests.Contracts;

/// <summary>Every code that an operator can meet has its remedy, and docs/runbook.md has them all. After a wanted change: REFERRAL_WRITE_CONTRACTS=1 dotnet test services/ReferralService.Tests --filter RunbookTests</summary>
public sealed class RunbookTests
{
    private static readonly string Runbook = Path.Combine(ContractFiles.Folder, "..", "docs", "runbook.md");

    [Test]
    public void Every_reason_code_has_one_remedy_and_nothing_else_has()
        => Assert.That(ReasonRemedies.All.Select(remedy => remedy.Code), Is.EquivalentTo(ReasonCodes.All));

    [Test]
    public void A_remedy_is_found_by_its_code_and_only_by_a_known_one()
        => Assert.Multiple(() =>
        {
            Assert.That(ReasonCodes.All.Select(code => ReasonRemedies.Of(code)?.Code), Is.EqualTo(ReasonCodes.All));
            Assert.That(ReasonRemedies.Of("of-a-newer-build"), Is.Null);
            Assert.That(ReasonRemedies.Of(null), Is.Null);
        });

    [Test]
    public void A_remedy_says_all_three_things_in_plain_sentences()
        => Assert.That(
            ReasonRemedies.All.SelectMany(remedy => new[] { remedy.Meaning, remedy.ByItself, remedy.Remedy }),
            Is.All.Match(@"^[A-Z/d][^\n`*]+\.$"));

    [Test]
    public void The_runbook_has_the_tables_that_the_remedies_make()
    {
        var kept = File.ReadAllText(Runbook);
        var written = RunbookTables.Written(kept);
        if (Environment.GetEnvironmentVariable("REFERRAL_WRITE_CONTRACTS") == "1")
        {
            File.WriteAllText(Runbook, written);
            kept = written;
        }

        Assert.Multiple(() =>
        {
            Assert.That(kept, Is.EqualTo(written), "the remedies and docs/runbook.md differ; see this fixture's summary");
            Assert.That(ReasonCodes.All.Where(code => !kept.Contains($"<a id=\"code-{code}\"></a>`{code}`", StringComparison.Ordinal)), Is.Empty, "codes without a place in the runbook");
        });
    }
}
