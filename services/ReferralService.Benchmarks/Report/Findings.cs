using System.Globalization;
using System.Text;

namespace ReferralService.Benchmarks.Report;

/// <summary>All that a run has found: the goals first, then the tables in the order of the figures.</summary>
internal sealed class Findings(string machine)
{
    private readonly Dictionary<Goal, (Spread Value, string Remark)> _reached = [];
    private readonly List<Table> _tables = [];
    private readonly List<string> _broken = [];
    private string _leftOut = "";

    public bool IsBroken => _broken.Count > 0;

    /// <param name="remark">Where the figure was measured otherwise than the goal says (a quick run), or what belongs beside it.</param>
    public void Set(Goal goal, Spread value, string remark = "") => _reached[goal] = (value, remark);

    public void Add(Table table) => _tables.Add(table);

    /// <summary>Something other than time went wrong.</summary>
    public void Broken(string figure, string what) => _broken.Add($"BROKEN: {figure}: {what}");

    /// <summary>What this run does not look at, by name.</summary>
    public void LeftOut(IEnumerable<string> figures) => _leftOut = $"Left out of a quick run: {string.Join(", ", figures)}.\n\n";

    /// <param name="named">Figures that were asked for; empty: all.</param>
    public string Text(IReadOnlyCollection<string> named)
    {
        var text = new StringBuilder(machine).Append("\n\n");
        foreach (var broken in _broken) text.Append(broken).Append("\n\n");
        text.Append(_leftOut);
        var goals = new Table("Goals", "goal", "of", "bound", "figure", "reached", "remark");
        foreach (var goal in Goal.All.Where(goal => named.Count == 0 || named.Contains(goal.Figure) || _reached.ContainsKey(goal)))
        {
            var bound = $"{(goal.AtLeast ? '≥' : '≤')} {goal.Bound.ToString(goal.Format, CultureInfo.InvariantCulture)}";
            if (_reached.TryGetValue(goal, out var found))
            {
                goals.Add(goal.Id, goal.What, bound, found.Value.Text(goal.Format), goal.IsReached(found.Value.Median) ? "yes" : "no", found.Remark);
            }
            else
            {
                goals.Add(goal.Id, goal.What, bound, "", "", $"not in this run: {goal.Figure}, as it is without options");
            }
        }

        foreach (var table in goals.IsEmpty ? _tables : _tables.Prepend(goals))
        {
            text.Append("### ").Append(table.Title).Append("\n\n").Append(table.Text()).Append('\n');
        }

        return text.ToString();
    }
}
