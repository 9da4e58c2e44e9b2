using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering.Plans;

/// <summary>Reads the items of a plan.</summary>
internal sealed class PlanItemReader(string plan, IReadOnlyDictionary<string, CodeSet> valueSets)
{
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);

    public List<PlanItem> Read(PlanJson json, string member, Need need) => [.. json.Parts(member).Select(part => Item(part, need)).OfType<PlanItem>()];

    public static WordSet Words(PlanJson json)
    {
        var words = json.Texts("words", whyNot: word => WordSet.HasWord(word) ? null : "has neither letter nor digit");
        return words.Count == 0 ? WordSet.None : new WordSet(words);
    }

    private PlanItem? Item(PlanJson json, Need need)
    {
        var id = Id(json, "id");
        var label = json.Text("label", must: true);
        var types = json.Texts("types", must: true, type => ResourceTypes.Contains(type) ? null : "is no resource type of R4");
        var codes = ValueSetReader.Codes(json, valueSets);
        var categories = ValueSetReader.Categories(json);
        var words = Words(json);
        json.Text("note", must: false, most: 500);
        if (need == Need.MustNot)
        {
            // Whatever its age and status: kept back is kept back.
            if (codes.IsEmpty && categories.IsEmpty && words.IsEmpty) json.Fault("", "would keep back every resource of its types; give codes, valueSets, categories or words");
            json.Done();
            return id is null || label is null ? null : new PlanItem(Rule(id), label, need, types, codes, categories, words, [], new LookBack.Unlimited(), null, null, false, false, []);
        }

        var status = json.Texts("status");
        var lookBack = json.Parsed("lookBack", must: true, LookBackOf, "must be none, since-diagnosis or a period such as P2Y, P6M, P14D");
        var last = json.Whole("last", must: false, 1, 1000);
        bool series = json.Flag("series");
        if (json.Has("last") == series) json.Fault("last", "or \"series\": true must be given, not both: so many of the newest, or all of them");
        var stale = json.Parsed("staleAfter", must: false, CalendarPeriod.Parse, "must be a period such as P3M");
        bool attachments = json.Flag("attachments"), imaging = json.Flag("imaging");
        var alarms = json.Parts("alarms").Select(alarm => id is null ? null : Alarm(alarm, id)).OfType<AlarmRule>().ToList();
        json.Done();
        return id is null || label is null || lookBack is null
            ? null
            : new PlanItem(Rule(id), label, need, types, codes, categories, words, status, lookBack, last, stale, attachments, imaging, alarms);
    }

    private AlarmRule? Alarm(PlanJson json, string item)
    {
        var id = Id(json, "id", item);
        var label = json.Text("label", must: true);
        var codes = ValueSetReader.Codes(json, valueSets);
        var interpretations = json.Texts("interpretation");
        bool present = json.Flag("whenPresent");
        var limits = json.Parts("limits").Select(Limit).OfType<AlarmLimit>().ToList();
        if (!json.Has("limits") && !json.Has("interpretation") && !present) json.Fault("", "needs limits, interpretation or \"whenPresent\": true");
        json.Done();
        return id is null || label is null ? null : new AlarmRule($"{Rule(item)}!{id}", label, codes, limits, interpretations, present);
    }

    private static AlarmLimit? Limit(PlanJson json)
    {
        decimal? above = json.Number("above"), below = json.Number("below");
        if (json.Has("above") == json.Has("below")) json.Fault("above", "or below must be given, not both");
        var units = json.Texts("units", must: true);
        json.Done();
        return (above ?? below) is { } value ? new AlarmLimit(above is not null, value, units) : null;
    }

    private string? Id(PlanJson json, string member, string? within = null)
    {
        if (json.Text(member, must: true, most: 60) is not { } id) return null;
        if (!RecordPlanReader.IsId(id)) json.Fault(member, RecordPlanReader.IdForm);
        else if (!_ids.Add(within is null ? id : $"{within}!{id}")) json.Fault(member, "is used twice in this plan");
        return id;
    }

    private string Rule(string id) => $"plan:{plan}/{id}";

    private static LookBack? LookBackOf(string text) => text switch
    {
        "none" => new LookBack.Unlimited(),
        "since-diagnosis" => new LookBack.SinceDiagnosis(),
        _ => CalendarPeriod.Parse(text) is { } period ? new LookBack.Window(period) : null,
    };
}
