namespace ReferralService.Gathering.Plans;

internal enum Need
{
    Must,
    Should,

    /// <summary>Does not travel, whatever other items want it.</summary>
    MustNot,
}

/// <summary>One thing a plan wants, or keeps back.</summary>
/// <param name="Rule"><c>plan:urology-psa/psa-series</c>: what reasons and the checklist name it by.</param>
/// <param name="Types">FHIR types that may carry it; the search and the choice treat them alike.</param>
/// <param name="Codes">Of Observation.code, DocumentReference.type and the like; with <paramref name="Words"/> alternatives. Both empty: any.</param>
/// <param name="Categories">One of them must be there; empty: any.</param>
/// <param name="Words">In the texts and displays of code and category.</param>
/// <param name="Status">Of status or clinicalStatus; empty: any, but see <see cref="StatusesOf"/>. What has none passes.</param>
/// <param name="Last">So many of the newest of each code; null: the whole series.</param>
/// <param name="StaleAfter">From this age on the newest counts as stale; null: never.</param>
/// <param name="Attachments">Its file is wanted too.</param>
/// <param name="Imaging">Its images are wanted too.</param>
internal sealed record PlanItem(
    string Rule,
    string Label,
    Need Need,
    IReadOnlyList<string> Types,
    CodeSet Codes,
    CodeSet Categories,
    WordSet Words,
    IReadOnlyList<string> Status,
    LookBack LookBack,
    int? Last,
    CalendarPeriod? StaleAfter,
    bool Attachments,
    bool Imaging,
    IReadOnlyList<AlarmRule> Alarms)
{
    private static readonly string[] CurrentDocument = ["current"];

    /// <summary>Whether it is of the kind, its status and date aside.</summary>
    /// <param name="group">The code it was known by: of each the last few are counted, and the newest is looked at for alarms. What was known by
    /// less is one group where it is counted; else it is grouped by its own code, so that each test has its newest.</param>
    public bool IsOfKind(Topic topic, out string group)
    {
        group = "";
        if (!Categories.IsEmpty && Categories.Find(topic.KnownCategories) is null) return false;
        if (Codes.Find(topic.KnownCodes) is { } code)
        {
            group = code.ToString();
            return true;
        }

        if (!(Codes.IsEmpty && Words.IsEmpty) && (Words.IsEmpty || !Words.FoundInWords(topic.Words))) return false;
        if (Last is null && Alarms.Count > 0 && topic.Codes is [{ Code: { } own } first, ..]) group = $"{first.System}|{own}";
        return true;
    }

    /// <summary>What has one of these, or none, is asked for; empty: whatever it has.</summary>
    /// <remarks>R4 calls superseded what another document replaces: nobody should read it for the current one unless an item names it.</remarks>
    public IReadOnlyList<string> StatusesOf(string type) => Status.Count == 0 && type == "DocumentReference" ? CurrentDocument : Status;

    public bool HasStatus(RelevanceFacts facts)
    {
        if (Status.Count == 0 && facts.Key.Type != "DocumentReference") return true;
        var wanted = StatusesOf(facts.Key.Type);
        if (facts.ClinicalStatus.Count == 0) return facts.Status is null || wanted.Contains(facts.Status, StringComparer.Ordinal);
        foreach (var status in facts.ClinicalStatus)
        {
            if (wanted.Contains(status, StringComparer.Ordinal)) return true;
        }

        return false;
    }
}
