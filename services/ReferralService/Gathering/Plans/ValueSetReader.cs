namespace ReferralService.Gathering.Plans;

/// <summary>Reads codes: those that stand in a plan, and those of value-set files that it names.</summary>
internal static class ValueSetReader
{
    /// <summary>The members <c>codes</c> and <c>valueSets</c> of a rule together.</summary>
    public static CodeSet Codes(PlanJson json, IReadOnlyDictionary<string, CodeSet> valueSets)
    {
        var codes = Listed(json, "codes", must: false);
        foreach (var name in json.Texts("valueSets", whyNot: name => valueSets.ContainsKey(name) ? null : $"there is no valuesets/{name}.json"))
            codes = codes.With(valueSets[name]);
        return codes;
    }

    /// <summary>Categories are asked of servers as they are: no branches.</summary>
    public static CodeSet Categories(PlanJson json) => Listed(json, "categories", must: false, branches: false);

    /// <summary>A list of <c>{"system", "codes": {code: label}, "below": {code: label}}</c>.</summary>
    public static CodeSet Listed(PlanJson json, string member, bool must, bool branches = true)
    {
        List<PlanCode> exact = [], below = [];
        foreach (var list in json.Parts(member, must))
        {
            var system = list.Text("system", must: true);
            if (system is not null && !Uri.IsWellFormedUriString(system, UriKind.Absolute)) list.Fault("system", "must be the URL by which FHIR names the code system");
            var codes = list.Labelled("codes");
            var branch = branches ? list.Labelled("below") : [];
            if (!list.Has("codes") && !(branches && list.Has("below"))) list.Fault("codes", "is missing");
            if (branch.Count > 0 && system is not null && !CodeSystems.IsHierarchyByPrefix(system))
                list.Fault("below", "is for ICD-10 and ATC, whose codes begin with their branch; list the codes one by one");
            list.Done();
            if (system is null) continue;
            exact.AddRange(codes.Select(c => new PlanCode(system, c)));
            below.AddRange(branch.Select(c => new PlanCode(system, c)));
        }

        return exact.Count + below.Count == 0 ? CodeSet.None : new CodeSet(exact, below);
    }

    /// <summary>A value-set file: id (its file's name), title, source, codes.</summary>
    public static CodeSet Read(PlanJson json, string name)
    {
        json.Text("$schema", must: false);
        if (json.Text("id", must: true) is { } id && id != name) json.Fault("id", $"must be {name}, as the file is named");
        json.Text("title", must: true);
        if (json.Part("source", must: true) is { } source)
        {
            RecordPlanReader.Source(source);
            source.Done();
        }

        var codes = Listed(json, "codes", must: true);
        json.Done();
        return codes;
    }
}
