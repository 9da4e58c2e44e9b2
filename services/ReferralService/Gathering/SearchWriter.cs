using ReferralService.Fhir.Resources;
using ReferralService.Gathering.Plans;

namespace ReferralService.Gathering;

/// <summary>A filter that the EHR may apply for us.</summary>
/// <param name="Value">By how a day in it is to be written.</param>
/// <param name="Forms">The ways of writing it, the likeliest first.</param>
/// <param name="MayBeMissing">What does not have the element at all is wanted too.</param>
/// <param name="Others">The values that are thereby left out.</param>
/// <param name="Reason">Why, of <see cref="GapReason"/>.</param>
internal sealed record Narrowing(string Parameter, Func<DayForm, string> Value, IReadOnlyList<DayForm> Forms, bool MayBeMissing, string Others, string Reason);

/// <summary>Writes searches with every way around a refusal, as far as an EHR says what it can do.</summary>
/// <param name="capabilities">Null: nothing is known, a plain R4 server is assumed.</param>
internal sealed class SearchWriter(CapabilityView? capabilities, int pageSize)
{
    // R4 gives these a patient parameter and no subject.
    private static readonly HashSet<string> WithoutSubject = new(StringComparer.Ordinal)
    {
        "AllergyIntolerance", "Claim", "ClaimResponse", "Consent", "Coverage", "DetectedIssue", "Device", "EpisodeOfCare", "ExplanationOfBenefit", "FamilyMemberHistory",
        "Immunization", "ImmunizationEvaluation", "ImmunizationRecommendation", "NutritionOrder", "RelatedPerson", "VisionPrescription",
    };

    /// <param name="older">Wanted besides, from before the narrowing's first day: only where <see cref="CanAskFor"/> says so.</param>
    /// <param name="wanted">What plans want by its code, whatever its category: asked for where all cannot be asked for at once; null: nothing.</param>
    /// <param name="decides">What comes decides about the rest: it is asked for though no statement lists it, and only a server that neither lists nor knows the type has none.</param>
    public PlannedSearch Search(
        string type, bool mandatory, Sieve sieve, Narrowing? narrowing = null, WantedByCode? older = null, WantedByCode? wanted = null, bool decides = false)
    {
        var rule = $"search.{type}";
        var told = Told(type);

        // Also of an EHR that does not offer the parameter: then our own sieve leaves the same out.
        var leftOut = narrowing is null ? null : new GatheringGap($"{type}?{narrowing.Parameter}={narrowing.Others}", narrowing.Reason, rule);

        // A statement that lists other types but not this one says it has none; for what we must have the server is asked all the same.
        bool? listed = capabilities is { Resources.Count: > 0 } ? capabilities.Resources.ContainsKey(type) : null;
        if (listed == false && !mandatory && !decides)
            return new PlannedSearch(type, rule, mandatory, sieve, leftOut, []);

        var offered = narrowing is not null && Offers(told, narrowing.Parameter) ? narrowing : null;
        var ways = new List<SearchWay>();
        var unlisted = new List<SearchWay>();
        foreach (var (parameter, value) in new[] { ("patient", SearchQuery.PatientMark), ("subject", $"Patient/{SearchQuery.PatientMark}") })
        {
            bool exists = parameter == "patient" || !WithoutSubject.Contains(type);
            if (!exists || (!Offers(told, parameter) && (Offers(told, "patient") || Offers(told, "subject")))) continue;
            var start = $"{parameter}={value}";
            ways.Add(new SearchWay(parameter, whole: true, () => [new SearchBranch(rule, Ladder(start, offered, older))]));
            foreach (var parts in SearchParts.Of(type))
            {
                var way = new SearchWay(
                    $"{parameter}/{parts.Parameter}", parts.Whole,
                    () => [.. parts.Values.Select(v => new SearchBranch($"{rule}.{v}", Ladder($"{start}&{parts.Parameter}={v}", offered, older: null))), .. ByCode(rule, start, parts, wanted)]);

                // A statement may forget a parameter that its server insists on: what it does not list is tried when all else was refused.
                (Offers(told, parts.Parameter) ? ways : unlisted).Add(way);
            }
        }

        var search = new PlannedSearch(type, rule, mandatory, sieve, leftOut, [.. ways, .. unlisted]);
        return decides ? search with { MeansNone = listed switch { true => [], false => [FailureKind.NotFound, FailureKind.Refused], null => [FailureKind.NotFound] } } : search;
    }

    /// <summary>Whether what the plans want of a time can be asked for by codes and categories.</summary>
    public bool CanAskFor(TypeSearch search)
    {
        var told = Told(search.Type);
        return search is { Everything: false, Below.Count: 0 } && Offers(told, "date")
            && (search.Codes.Count == 0 || Offers(told, WantedByCode.CodeParameter(search.Type))) && (search.Categories.Count == 0 || Offers(told, "category"));
    }

    private static bool Offers(ResourceCapability? told, string parameter) => told is null || told.SearchParameters.Contains(parameter);

    private ResourceCapability? Told(string type)
        => capabilities is not null && capabilities.Resources.TryGetValue(type, out var known) && known.SearchParameters.Count > 0 ? known : null;

    /// <summary>Beside the parts, which may not hold everything. US Core: a server that insists on a category takes a code in its place.</summary>
    private SearchBranch[] ByCode(string rule, string start, SearchParts parts, WantedByCode? wanted)
    {
        if (parts.Whole || wanted is null || wanted.Lists.Count == 0) return [];
        SearchRung[] dated = wanted.IsOfAnyTime ? [] : [.. SearchDay.Forms.Select(form => new SearchRung($"{Name(form)}+codes", Wanted(start, wanted, wanted.Window(form)), Narrow: true))];
        SearchRung lists = new("codes", Wanted(start, wanted, ""), Narrow: false), each = new("each-code", [.. wanted.OneByOne.Select(filter => Query(start + filter, wanted.Sieve))], Narrow: false);
        return [new SearchBranch($"{rule}.plans", [.. dated, lists, each])];
    }

    /// <summary>What is wanted by date, and what is older by its codes; where the EHR refuses that all that is older; where it refuses dates, everything.</summary>
    private List<SearchRung> Ladder(string start, Narrowing? narrowing, WantedByCode? older)
    {
        var ladder = new List<SearchRung>();
        if (narrowing is not null && older is not null)
            ladder.AddRange(narrowing.Forms.Select(form => new SearchRung($"{Name(form)}+codes", [.. Undated(start, narrowing), .. Wanted(start, older, older.Window(form)), Narrowed(start, narrowing, form)], Narrow: true)));
        if (narrowing is not null)
        {
            ladder.AddRange(narrowing.Forms.Select(form => new SearchRung(
                Name(form),
                [.. Undated(start, narrowing), Narrowed(start, narrowing, form), .. older is null ? Array.Empty<SearchQuery>() : [Query($"{start}{older.Window(form)}", older.Sieve)]],
                Narrow: true)));
        }

        ladder.Add(new SearchRung("all", [Query(start, older?.Sieve)], Narrow: false));
        return ladder;
    }

    private static string Name(DayForm form) => form == DayForm.Day ? "filtered" : "instant";

    private SearchQuery[] Undated(string start, Narrowing narrowing) => narrowing.MayBeMissing ? [Query($"{start}&{narrowing.Parameter}:missing=true")] : [];

    private SearchQuery Narrowed(string start, Narrowing narrowing, DayForm form) => Query($"{start}&{narrowing.Parameter}={narrowing.Value(form)}");

    private SearchQuery[] Wanted(string start, WantedByCode wanted, string window) => [.. wanted.Lists.Select(filter => Query($"{start}{filter}{window}", wanted.Sieve))];

    private SearchQuery Query(string text, Sieve? sieve = null) => new($"{text}&_count={pageSize}", sieve);
}
