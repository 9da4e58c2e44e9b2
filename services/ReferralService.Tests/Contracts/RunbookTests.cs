using ReferralService.Contracts;

namespace ReferralService.Tests.Contracts;

/// <summary>Every code that an operator can meet stands in docs/runbook.md.</summary>
public sealed class RunbookTests
{
    [Test]
    public void Every_reason_code_is_in_the_runbook()
    {
        var runbook = File.ReadAllText(Path.Combine(ContractFiles.Folder, "..", "docs", "runbook.md"));

        Assert.That(ReasonCodes.All.Where(code => !runbook.Contains($"`{code}`", StringComparison.Ordinal)), Is.Empty);
    }
}
