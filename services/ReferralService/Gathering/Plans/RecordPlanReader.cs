using System.Text.RegularExpressions;

namespace ReferralService.Gathering.Plans;

/// <summary>Reads one plan file. What it takes is what plan.schema.json describes; it also checks what a schema cannot (names across files).</summary>
internal static partial class RecordPlanReader
{
    public const string IdForm = "must be lower-case letters, digits and hyphens, beginning with a letter";

    private static readonly Dictionary<string, PlanStatus> Statuses = new(StringComparer.Ordinal)
    {
        ["draft"] = PlanStatus.Draft, ["active"] = PlanStatus.Active, ["retired"] = PlanStatus.Retired,
    };

    private static readonly Dictionary<string, WhenMissing> Policies = new(StringComparer.Ordinal)
    {
        ["send"] = WhenMissing.Send, ["hold"] = WhenMissing.Hold,
    };

    /// <returns>Null when it cannot be used at all; the faults say why.</returns>
    public static RecordPlan? Read(PlanJson json, IReadOnlyDictionary<string, CodeSet> valueSets)
    {
        json.Text("$schema", must: false);
        var id = json.Text("id", must: true, most: 60);
        if (id is not null && !IsId(id)) json.Fault("id", IdForm);
        if (id is not null && json.File != $"{id}.json") json.Fault("id", "must be the file's name without .json");
        var version = json.Text("version", must: true);
        var number = version is null ? null : PlanVersion.Parse(version);
        if (version is not null && number is null) json.Fault("version", "must be three numbers such as 1.0.2");
        var title = json.Text("title", must: true);
        var status = json.Choice("status", must: true, Statuses);
        var review = json.Text("review", must: true, most: 500);
        if (status == PlanStatus.Draft && review is not null && review != RecordPlan.ReviewSentence)
            json.Fault("review", $"must be, while the status is draft: {RecordPlan.ReviewSentence}");
        if (status is PlanStatus.Active && review == RecordPlan.ReviewSentence)
            json.Fault("review", "must say who reviewed the plan and when, before its status is active");

        var sources = json.Parts("sources", must: true).Select(ReadSource).OfType<PlanSource>().ToList();
        var includes = json.Texts("includes", whyNot: other => other == id ? "is the plan itself" : null);
        var trigger = json.Part("triggers") is { } triggers ? TriggerReader.Read(triggers, valueSets, new HashSet<string>(StringComparer.Ordinal)) : null;
        var reader = new PlanItemReader(id ?? "", valueSets);
        PlanItem[] items = [.. reader.Read(json, "must", Need.Must), .. reader.Read(json, "should", Need.Should), .. reader.Read(json, "mustNot", Need.MustNot)];
        var policy = json.Choice("onMissing", must: true, Policies);
        if (status == PlanStatus.Draft && policy == WhenMissing.Hold) json.Fault("onMissing", "must be send while the status is draft: what nobody has reviewed stops no referral");
        json.Done();
        return id is null || number is null || title is null || status is null || policy is null
            ? null
            : new RecordPlan(id, number.Value, title, status.Value, sources, includes, trigger, items, policy.Value);
    }

    public static bool IsId(string text) => Ids().IsMatch(text);

    /// <summary>Where something was taken from; null when it is not told wholly.</summary>
    public static PlanSource? Source(PlanJson json)
    {
        var title = json.Text("title", must: true, most: 300);
        var publisher = json.Text("publisher", must: true);
        var year = json.Whole("year", must: true, 1950, 2100);
        var url = json.Parsed("url", must: true, text => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme == "https" ? uri : null, "must be an https address");
        return title is null || publisher is null || year is null || url is null ? null : new PlanSource(title, publisher, year.Value, url);
    }

    private static PlanSource? ReadSource(PlanJson json)
    {
        var source = Source(json);
        json.Done();
        return source;
    }

    [GeneratedRegex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", RegexOptions.CultureInvariant)]
    private static partial Regex Ids();
}
