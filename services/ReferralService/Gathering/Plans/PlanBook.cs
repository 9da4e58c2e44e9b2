namespace ReferralService.Gathering.Plans;

/// <summary>All plans in use, by id: those shipped with the program, and those of the operator's folder in their place.</summary>
internal sealed class PlanBook
{
    private readonly SortedDictionary<string, RecordPlan> _plans = new(StringComparer.Ordinal);

    private readonly List<OwnPlan> _own = [];

    private PlanBook() { }

    /// <summary>By id.</summary>
    public IReadOnlyCollection<RecordPlan> All => _plans.Values;

    /// <summary>Those of the operator's folder, by id.</summary>
    public IReadOnlyList<OwnPlan> Own => _own;

    /// <summary>The shipped ones that no plan of the operator's took the place of, by id.</summary>
    public IReadOnlyList<RecordPlan> StillShipped => [.. All.Where(p => !_own.Exists(o => o.Plan.Id == p.Id))];

    public RecordPlan? Find(string id) => _plans.GetValueOrDefault(id);

    /// <summary>Only what is shipped.</summary>
    public static PlanBook Shipped()
    {
        var faults = new List<string>();
        var book = Load(null, faults);
        return faults.Count == 0 ? book : throw new InvalidOperationException($"The shipped plans are at fault: {string.Join("; ", faults)}");
    }

    /// <summary>A plan of the folder takes the place of the shipped one of its id, and must have the higher version.</summary>
    /// <remarks>
    /// Not "the higher one wins": after an upgrade that ships a newer version, the house's own plan would silently stop to apply. So the
    /// start stops, and somebody compares the two.
    /// </remarks>
    /// <param name="folder">Null: none.</param>
    /// <param name="faults">Every fault, each a line that begins with its file and path.</param>
    public static PlanBook Load(string? folder, List<string> faults)
    {
        var book = new PlanBook();
        var shipped = PlanFiles.Shipped();
        var shippedSets = shipped.ValueSets(new Dictionary<string, CodeSet>(), faults);
        foreach (var plan in shipped.Plans(shippedSets, faults)) book._plans.Add(plan.Id, plan);

        if (folder is not null)
        {
            var own = PlanFiles.Of(folder, faults);
            foreach (var plan in own.Plans(own.ValueSets(shippedSets, faults), faults))
            {
                var other = book.Find(plan.Id);
                if (other is not null && plan.Version.CompareTo(other.Version) <= 0)
                    faults.Add($"{plan.Id}.json $.version: must be higher than {other.Version}, the version shipped with this program; compare the two, then raise it");
                book._plans[plan.Id] = plan;
                book._own.Add(new OwnPlan(plan, other?.Version));
            }
        }

        book.Check(faults);
        return book;
    }

    /// <summary>What no file alone can show.</summary>
    private void Check(List<string> faults)
    {
        foreach (var plan in All)
        {
            for (int i = 0; i < plan.Includes.Count; i++)
            {
                if (Find(plan.Includes[i]) is null) faults.Add($"{plan.Id}.json $.includes[{i}]: there is no plan {plan.Includes[i]}");
            }
        }

        // At the file that was changed: those that include it may be shipped ones, which nobody can mend.
        foreach (var retired in All.Where(p => p.Status == PlanStatus.Retired))
        {
            string includers = string.Join(", ", All.Where(p => p.Status != PlanStatus.Retired && p.Includes.Contains(retired.Id, StringComparer.Ordinal)).Select(p => p.Id));
            if (includers.Length > 0) faults.Add($"{retired.Id}.json $.status: must not be retired while others include it: {includers}");
        }

        if (Find(RecordPlan.Fallback) is null or { Status: PlanStatus.Retired })
            faults.Add($"{RecordPlan.Fallback}.json $.status: must not be retired; it takes every order that no other plan knows");
    }
}
