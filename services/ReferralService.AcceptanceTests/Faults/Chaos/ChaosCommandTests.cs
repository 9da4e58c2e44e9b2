using ReferralService.AcceptanceTests.Chaos;
using ReferralService.AcceptanceTests.Chaos.Invariants;

namespace ReferralService.AcceptanceTests.Faults.Chaos;

/// <summary>What the rig's command line takes, and what it says in the end.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
internal sealed class ChaosCommandTests
{
    [TestCase("--kills 0", "--kills")]
    [TestCase("--kills -3", "--kills")]
    [TestCase("--kills many", "--kills")]
    [TestCase("--replicas 0", "--replicas")]
    [TestCase("--replicas 3 --setup sqlite", "--replicas")]
    [TestCase("--soak-minutes 0", "--soak-minutes")]
    [TestCase("--full --long", "--long")]
    [TestCase("--setup sqlite --phase broker", "--phase broker: only with --setup postgresql")]
    [TestCase("--setup sqlite --phase kills database", "--phase database: only with --setup postgresql")]
    [TestCase("--setup postgresql --phase ledger", "--phase ledger: only with --setup sqlite")]
    [TestCase("--phase burst", "--phase burst: only with --full or --long")]
    [TestCase("--phase soft --kills 3", "--kills")]
    [TestCase("--phase soft --soak-minutes 3", "--soak-minutes")]
    [TestCase("--phase flood", "flood")]
    [TestCase("--setup oracle", "oracle")]
    [TestCase("--sed 3", "--sed")]
    public async Task Options_that_make_no_run_are_refused_in_one_line_before_anything_starts(string options, string named)
    {
        await using var output = new StringWriter();
        await using var errors = new StringWriter();

        var code = await ChaosCommand.RunAsync(["chaos", .. options.Split(' ')], output, errors);

        Assert.Multiple(() =>
        {
            Assert.That(code, Is.EqualTo(2));
            Assert.That(errors.ToString().TrimEnd().Split('\n'), Has.Length.EqualTo(1).And.One.Contain(named));
            Assert.That(output.ToString(), Is.Empty);
        });
    }

    [Test]
    public void A_phase_of_one_set_up_runs_on_that_one_alone()
    {
        Assert.Multiple(() =>
        {
            Assert.That(new ChaosWish { Phases = ["ledger"] }.Setups, Is.EqualTo(new[] { ChaosSetup.Sqlite }));
            Assert.That(new ChaosWish { Phases = ["broker", "database"] }.Setups, Is.EqualTo(new[] { ChaosSetup.PostgreSql }));
            Assert.That(new ChaosWish { Phases = ["ledger", "broker"] }.Setups, Has.Count.EqualTo(2));
            Assert.That(new ChaosWish().Setups, Has.Count.EqualTo(2));
            Assert.That(new ChaosWish { Phases = ["soak"], SoakMinutes = 1 }.Fault(), Is.Null);
        });
    }

    [Test]
    public void What_was_not_looked_at_is_not_said_to_hold()
    {
        var result = Result(Invariant.All.Select(i => i.Judge(new Evidence())));

        Assert.Multiple(() =>
        {
            Assert.That(result.Verdict, Is.EqualTo("not exercised: I1 I2 I3 I4 I5 I6 I7 I8 I9 I10 I11 I12"));
            Assert.That(result.Markdown("chaos"), Does.Contain("| I6 | not exercised |").And.Not.Contain("held"));
        });
    }

    [Test]
    public void What_is_broken_is_said_first_and_makes_the_run_fail()
    {
        var result = Result([
            new Finding("I1", [new Observation(7, "orders")], ["order-1: lost"]), new Finding("I2", [new Observation(6, "packages")], []), new Finding("I6", [new Observation(0, "referrals")], []),
            new Finding("I7", [new Observation(5, "looks"), new Observation(0, "of them under even load")], [])]);

        Assert.Multiple(() =>
        {
            Assert.That(result.Holds, Is.False);
            Assert.That(result.Verdict, Is.EqualTo("BROKEN: I1, held: I2 I7, not exercised: I6"));
            Assert.That(result.Markdown("chaos"), Does.Contain("| I2 | held (6 packages) |").And.Contain("| I7 | held (5 looks; not exercised: of them under even load) |").And.Contain("- I1: order-1: lost"));
        });
    }

    private static ChaosResult Result(IEnumerable<Finding> findings)
        => new(ChaosSetup.Sqlite, 1, 1, "none", TimeSpan.Zero, new Dictionary<string, int>(), [.. findings], []);
}
