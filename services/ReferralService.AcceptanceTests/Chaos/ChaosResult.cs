using System.Globalization;
using System.Text;
using ReferralService.AcceptanceTests.Chaos.Invariants;

namespace ReferralService.AcceptanceTests.Chaos;

/// <summary>What came out of one set-up.</summary>
/// <param name="Findings">One for each invariant.</param>
/// <param name="Shortfalls">What was to be done and was not.</param>
internal sealed record ChaosResult(
    ChaosSetup Setup, int Replicas, int Seed, string Commit, TimeSpan Took, IReadOnlyDictionary<string, int> Counts, IReadOnlyList<Finding> Findings, IReadOnlyList<string> Shortfalls)
{
    /// <summary>Nothing that was exercised is broken, and everything was done.</summary>
    public bool Holds => !Findings.Any(f => f.Broken) && Shortfalls.Count == 0;

    /// <summary>What was really shown: <c>I1 I2 hold; not exercised: I6</c>.</summary>
    public string Verdict
    {
        get
        {
            var parts = new[]
            {
                Named(Findings.Where(f => f.Broken), "BROKEN: "),
                Shortfalls.Count == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{Shortfalls.Count} not done as planned"),
                Findings.All(f => f.Held) ? "all of I1 to I12 held" : Named(Findings.Where(f => f.Held), "held: "),
                Named(Findings.Where(f => !f.Broken && !f.Exercised), "not exercised: "),
            };
            return string.Join(", ", parts.Where(p => p.Length > 0));
        }
    }

    /// <summary>A block for docs/faults.md.</summary>
    public string Markdown(string command)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"**{(Setup == ChaosSetup.Sqlite ? "SQLite, bus in memory" : $"PostgreSQL, RabbitMQ, {Replicas} {(Replicas == 1 ? "replica" : "replicas")}")}** — `{command}`, seed {Seed}, commit `{Commit}`, {Took:hh\\:mm\\:ss}: {Verdict}");
        text.AppendLine();
        text.AppendLine("| what | how many |");
        text.AppendLine("| --- | --- |");
        foreach (var (what, count) in Counts.OrderBy(c => c.Key, StringComparer.Ordinal))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"| {what} | {count} |");
        }

        foreach (var finding in Findings)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"| {finding.Invariant} | {finding.InWords} |");
        }

        text.AppendLine();
        foreach (var line in Findings.SelectMany(f => f.Breaches.Take(5).Select(b => $"{f.Invariant}: {b}")).Concat(Shortfalls.Select(s => $"short: {s}")))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"- {line}");
        }

        return text.ToString();
    }

    private static string Named(IEnumerable<Finding> findings, string before)
    {
        var names = string.Join(' ', findings.Select(f => f.Invariant));
        return names.Length == 0 ? "" : before + names;
    }
}
