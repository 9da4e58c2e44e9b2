using System.Globalization;
using System.Text;

namespace ReferralService.AcceptanceTests.Chaos;

/// <summary>What came out of one set-up.</summary>
/// <param name="Breaches">By invariant: I1 …; empty when all hold.</param>
/// <param name="Shortfalls">What was to be done and was not.</param>
internal sealed record ChaosResult(
    ChaosSetup Setup, int Replicas, int Seed, string Commit, TimeSpan Took, IReadOnlyDictionary<string, int> Counts,
    IReadOnlyList<(string Invariant, string Breach)> Breaches, IReadOnlyList<string> Shortfalls)
{
    public bool Holds => Breaches.Count == 0 && Shortfalls.Count == 0;

    /// <summary>A block for docs/faults.md.</summary>
    public string Markdown(string command)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"**{(Setup == ChaosSetup.Sqlite ? "SQLite, bus in memory" : $"PostgreSQL, RabbitMQ, {Replicas} replicas")}** — `{command}`, seed {Seed}, commit `{Commit}`, {Took:hh\\:mm\\:ss}: {(Holds ? "all invariants hold" : "BROKEN")}");
        text.AppendLine();
        text.AppendLine("| what | how many |");
        text.AppendLine("| --- | --- |");
        foreach (var (what, count) in Counts.OrderBy(c => c.Key, StringComparer.Ordinal))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"| {what} | {count} |");
        }

        foreach (var invariant in Breaches.GroupBy(b => b.Invariant))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"| **{invariant.Key} broken** | {invariant.Count()} |");
        }

        text.AppendLine();
        foreach (var line in Breaches.GroupBy(b => b.Invariant).SelectMany(g => g.Take(5)).Select(b => $"{b.Invariant}: {b.Breach}").Concat(Shortfalls.Select(s => $"short: {s}")))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"- {line}");
        }

        return text.ToString();
    }
}
