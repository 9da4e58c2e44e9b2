using ReferralService.Fhir.Resources;
using ReferralService.Gathering.Plans;

namespace ReferralService.Gathering;

/// <summary>A filter that the EHR may apply for us.</summary>
/// <param name="MayBeMissing">What does not have the element at all is wanted too.</param>
/// <param name="Others">The values that are thereby left out.</param>
/// <param name="Reason">Why, of <see cref="GapReason"/>.</param>
internal sealed record Narrowing(string Parameter, string Value, bool MayBeMissing, string Others, string Reason);

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
    public PlannedSearch Search(string type, bool mandatory, Sieve sieve, Narrowing? narrowing = null, string[]? categories = null, OlderResults? older = null)
    {
        var rule = $"search.{type}";
        var told = Told(type);

        // Also of an EHR that does not offer the parameter: then our own sieve leaves the same out.
        var leftOut = narrowing is null ? null : new GatheringGap($"{type}?{narrowing.Parameter}={narrowing.Others}", narrowing.Reason, rule);

        // A statement that lists other types but not this one says it has none; for what we must have the server is asked all the same.
        if (told is null && !mandatory && capabilities is { Resources.Count: > 0 } && !capabilities.Resources.ContainsKey(type))
            return new PlannedSearch(type, rule, mandatory, sieve, leftOut, []);

        if (narrowing is not null && !Offers(told, narrowing.Parameter)) narrowing = null;
        var ways = new List<SearchWay>();
        foreach (var (parameter, value) in new[] { ("patient", SearchQuery.PatientMark), ("subject", $"Patient/{SearchQuery.PatientMark}") })
        {
            bool exists = parameter == "patient" || !WithoutSubject.Contains(type);
            if (!exists || (!Offers(told, parameter) && (Offers(told, "patient") || Offers(told, "subject")))) continue;
            var start = $"{parameter}={value}";
            ways.Add(new SearchWay(parameter, [new SearchBranch(rule, older is null ? Ladder(start, narrowing) : Ladder(start, narrowing, older))]));
            if (categories is null || !Offers(told, "category")) continue;

            // US Core: a server that insists on a category takes a code in its place.
            SearchBranch[] byCode = older is null ? [] : [new SearchBranch($"{rule}.plans", [new SearchRung(Wanted(start, older, older.Window), Narrow: true), new SearchRung(Wanted(start, older, ""), Narrow: false)])];
            ways.Add(new SearchWay($"{parameter}/category", [.. categories.Select(c => new SearchBranch($"{rule}.{c}", Ladder($"{start}&category={c}", narrowing))), .. byCode]));
        }

        return new PlannedSearch(type, rule, mandatory, sieve, leftOut, ways);
    }

    /// <summary>Whether what the plans want of a time can be asked for by codes and categories.</summary>
    public bool CanAskFor(TypeSearch search)
    {
        var told = Told(search.Type);
        return search is { Everything: false, Below.Count: 0 } && Offers(told, "date")
            && (search.Codes.Count == 0 || Offers(told, "code")) && (search.Categories.Count == 0 || Offers(told, "category"));
    }

    private static bool Offers(ResourceCapability? told, string parameter) => told is null || told.SearchParameters.Contains(parameter);

    private ResourceCapability? Told(string type)
        => capabilities is not null && capabilities.Resources.TryGetValue(type, out var known) && known.SearchParameters.Count > 0 ? known : null;

    private SearchRung[] Ladder(string start, Narrowing? narrowing)
    {
        var plain = new SearchRung([Query(start)], Narrow: false);
        return narrowing is null ? [plain] : [new SearchRung(Narrowed(start, narrowing), Narrow: true), plain];
    }

    /// <summary>What is older by its codes; where the EHR refuses that all that is older; where it refuses dates, everything.</summary>
    private SearchRung[] Ladder(string start, Narrowing? narrowing, OlderResults older)
    {
        var plain = new SearchRung([Query(start, older.Sieve)], Narrow: false);
        if (narrowing is null) return [plain];
        var narrowed = Narrowed(start, narrowing);
        return
        [
            new SearchRung([.. narrowed, .. Wanted(start, older, older.Window)], Narrow: true),
            new SearchRung([.. narrowed, Query($"{start}{older.Window}", older.Sieve)], Narrow: true),
            plain,
        ];
    }

    private List<SearchQuery> Narrowed(string start, Narrowing narrowing)
    {
        var narrow = new List<SearchQuery> { Query($"{start}&{narrowing.Parameter}={narrowing.Value}") };
        if (narrowing.MayBeMissing) narrow.Add(Query($"{start}&{narrowing.Parameter}:missing=true"));
        return narrow;
    }

    private SearchQuery[] Wanted(string start, OlderResults older, string window) => [.. older.Filters.Select(filter => Query($"{start}{filter}{window}", older.Sieve))];

    private SearchQuery Query(string text, Sieve? sieve = null) => new($"{text}&_count={pageSize}", sieve);
}
