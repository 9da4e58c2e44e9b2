using ReferralService.AcceptanceTests.Chaos;
using ReferralService.Tests.Support;

namespace ReferralService.AcceptanceTests.Faults.Chaos;

/// <summary>The figures of CI: harm of every kind to real processes, and nothing lost, doubled, out of order or leaked.</summary>
[TestFixture]
internal sealed class ChaosFigureTests
{
    [TestCase(ChaosSetup.Sqlite)]
    [TestCase(ChaosSetup.PostgreSql)]
    [Fault("K21")]
    public async Task Whatever_is_done_to_the_service_nothing_is_lost_doubled_disordered_or_leaked(ChaosSetup setup)
    {
        var seed = (int)(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() % 1_000_000);
        var screen = new ChaosScreen(TestContext.Progress, terminal: false);

        var result = await ChaosRunner.RunAsync(setup, ChaosPlan.Ci, [], replicas: 3, seed, screen);

        var summary = result.Markdown($"chaos --setup {setup.ToString().ToLowerInvariant()} --seed {seed}");
        await TestContext.Progress.WriteLineAsync(summary);
        Assert.Multiple(() =>
        {
            Assert.That(result.Holds, Is.True, summary);
            Assert.That(result.Findings.Where(f => !f.Exercised).Select(f => f.Invariant), Is.EqualTo(setup == ChaosSetup.Sqlite ? new[] { "I10" } : []), "there is no broker and no server to go away with SQLite");
        });
    }
}
