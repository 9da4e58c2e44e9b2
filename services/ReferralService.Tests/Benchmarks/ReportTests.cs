using ReferralService.Benchmarks;
using ReferralService.Benchmarks.Report;

namespace ReferralService.Tests.Benchmarks;

public sealed class ReportTests
{
    private static readonly string[] Nothing = [];

    [Test]
    public void The_middle_of_the_rounds_stands_with_the_least_and_the_most()
        => Assert.That(Spread.Of([3, 1, 2]).Text("0.0"), Is.EqualTo("2.0 (1.0–3.0)"));

    [Test]
    public void Ratios_are_those_of_each_round()
        => Assert.That(Spread.Ratio([10, 20, 90], [10, 10, 30]), Is.EqualTo(new Spread(2, 1, 3)));

    [Test]
    public void A_run_says_something_of_every_goal()
    {
        var findings = new Findings("a machine");
        findings.Set(Goal.WalkCpu, 2.4);

        var text = findings.Text(Nothing);

        Assert.Multiple(() =>
        {
            foreach (var goal in Goal.All) Assert.That(text, Does.Contain(goal.What));
            Assert.That(Lines(text, "not in this run").Count(), Is.EqualTo(Goal.All.Count - 1));
            Assert.That(Lines(text, Goal.WalkCpu.What).Single(), Does.Match(@"≤ 2\.50\s+\|\s+2\.40 \| yes"));
        });
    }

    [TestCase(0.60, "yes")]
    [TestCase(0.59, "no")]
    public void A_goal_is_reached_from_its_bound_on(double figure, string reached)
    {
        var findings = new Findings("a machine");
        findings.Set(Goal.WalkSqlite, figure);

        Assert.That(Lines(findings.Text(Nothing), Goal.WalkSqlite.What).Single(), Does.Match($@"\| {reached}\s*\|"));
    }

    [Test]
    public void The_goals_come_before_the_figures()
    {
        var findings = new Findings("a machine");
        var table = new Table("Walk", "on", "ms");
        table.Add("SQLite", "1.0");
        findings.Add(table);

        var text = findings.Text(Nothing);

        Assert.That(text.IndexOf("### Goals", StringComparison.Ordinal), Is.InRange(0, text.IndexOf("### Walk", StringComparison.Ordinal)));
    }

    [Test]
    public void What_is_slow_does_not_break_a_run_and_what_is_wrong_does()
    {
        var findings = new Findings("a machine");
        findings.Set(Goal.WalkCpu, 1_000);
        bool slow = findings.IsBroken;
        findings.Broken("walk", "an event is missing");

        Assert.Multiple(() =>
        {
            Assert.That(slow, Is.False);
            Assert.That(findings.IsBroken);
            Assert.That(findings.Text(Nothing), Does.Contain("BROKEN: walk: an event is missing"));
        });
    }

    [Test]
    public void Only_what_stands_between_the_marks_is_replaced()
        => Assert.That(MarkedPart.Replace($"before\n{MarkedPart.Begin}\nold\n{MarkedPart.End}\nafter\n", "new\n"), Is.EqualTo($"before\n{MarkedPart.Begin}\nnew\n{MarkedPart.End}\nafter\n"));

    [Test]
    public void A_document_without_the_marks_is_left_alone()
        => Assert.Throws<BrokenRunException>(() => MarkedPart.Replace("no marks here", "new"));

    private static IEnumerable<string> Lines(string text, string with) => text.Split('\n').Where(line => line.Contains(with, StringComparison.Ordinal));
}
