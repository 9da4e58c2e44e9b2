using System.Globalization;
using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering;

/// <summary>Which searches a record is gathered by: a function of what the EHR says it can do, the look-back and the page size.</summary>
internal static class GatheringPlan
{
    // R4 observation-category; US Core requires patient+category and allows a server to refuse patient alone.
    private static readonly string[] ObservationCategories =
        ["laboratory", "vital-signs", "imaging", "procedure", "social-history", "survey", "exam"];

    // v2-0074 LAB and RAD; the LOINC parts of US Core's report categories: cardiology, pathology, radiology.
    private static readonly string[] ReportCategories = ["LAB", "RAD", "LP29708-2", "LP7839-6", "LP29684-5"];

    // R4's value sets less what is asked for, so that what is left out can be named.
    private const string OtherClinicalStatuses = "inactive,remission,resolved";
    private const string OtherMedicationStatuses = "on-hold,cancelled,completed,entered-in-error,stopped,draft,unknown";
    private const string OtherDocumentStatuses = "superseded,entered-in-error";

    /// <param name="capabilities">Null: nothing is known, a plain R4 server is assumed.</param>
    /// <param name="windowStart">Results and reports before it are not asked for.</param>
    public static IReadOnlyList<PlannedSearch> Make(CapabilityView? capabilities, DateTimeOffset windowStart, int pageSize)
    {
        // Whole days: some servers refuse partial dates, and none is harmed by a day more.
        var firstDay = new DateTimeOffset(windowStart.UtcDateTime.Date, TimeSpan.Zero);
        var since = firstDay.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var results = new Sieve { NotBefore = firstDay };
        var window = new Narrowing("date", $"ge{since}", MayBeMissing: true, $"lt{since}", GapReason.OutsideWindow);
        var plan = new Writer(capabilities, pageSize);
        return
        [
            plan.Search("Observation", mandatory: true, results, window, ObservationCategories),
            plan.Search("DiagnosticReport", mandatory: true, results, window, ReportCategories),
            // A condition without a status may be a current one.
            plan.Search("Condition", mandatory: false, new Sieve { ClinicalStatus = ["active", "recurrence", "relapse"] },
                new Narrowing("clinical-status", "active,recurrence,relapse", MayBeMissing: true, OtherClinicalStatuses, GapReason.NotCurrent)),
            plan.Search("AllergyIntolerance", mandatory: false, new Sieve()),
            plan.Search("MedicationRequest", mandatory: false, new Sieve { Status = ["active"] },
                new Narrowing("status", "active", MayBeMissing: false, OtherMedicationStatuses, GapReason.NotCurrent)),
            plan.Search("Procedure", mandatory: false, new Sieve()),
            plan.Search("Immunization", mandatory: false, new Sieve()),
            // R4: superseded is a document that another one replaces. Some EHRs call every note but the newest so; which notes those are only the EHR
            // can say, so its word is taken, and told in the manifest.
            plan.Search("DocumentReference", mandatory: false, new Sieve { Status = ["current"] },
                new Narrowing("status", "current", MayBeMissing: false, OtherDocumentStatuses, GapReason.NotCurrent)),
            // Read to decide what goes, and of all statuses: one that is not active says by that that it no longer counts.
            plan.Search("Consent", mandatory: false, new Sieve()),
        ];
    }

    /// <summary>Where the look-back of an instant begins.</summary>
    public static DateTimeOffset WindowStart(DateTimeOffset now, TimeSpan lookBack)
        => now - DateTimeOffset.UnixEpoch.AddYears(-200) > lookBack ? now - lookBack : DateTimeOffset.UnixEpoch.AddYears(-200);

    /// <param name="MayBeMissing">What does not have the element at all is wanted too.</param>
    /// <param name="Others">The values that are thereby left out.</param>
    /// <param name="Reason">Why, of <see cref="GapReason"/>.</param>
    private sealed record Narrowing(string Parameter, string Value, bool MayBeMissing, string Others, string Reason);

    private sealed class Writer(CapabilityView? capabilities, int pageSize)
    {
        public PlannedSearch Search(string type, bool mandatory, Sieve sieve, Narrowing? narrowing = null, string[]? categories = null)
        {
            var rule = $"search.{type}";
            var told = capabilities is not null && capabilities.Resources.TryGetValue(type, out var known) && known.SearchParameters.Count > 0 ? known : null;

            // Also of an EHR that does not offer the parameter: then our own sieve leaves the same out.
            var leftOut = narrowing is null ? null : new GatheringGap($"{type}?{narrowing.Parameter}={narrowing.Others}", narrowing.Reason, rule);

            // A statement that lists other types but not this one says it has none; for what we must have the server is asked all the same.
            if (told is null && !mandatory && capabilities is { Resources.Count: > 0 } && !capabilities.Resources.ContainsKey(type))
                return new PlannedSearch(type, rule, mandatory, sieve, leftOut, []);

            bool Offers(string parameter) => told is null || told.SearchParameters.Contains(parameter);
            if (narrowing is not null && !Offers(narrowing.Parameter)) narrowing = null;

            var ways = new List<SearchWay>();
            foreach (var (parameter, value) in new[] { ("patient", SearchQuery.PatientMark), ("subject", $"Patient/{SearchQuery.PatientMark}") })
            {
                // These have no subject parameter in R4.
                bool exists = parameter == "patient" || type is not ("AllergyIntolerance" or "Consent" or "Immunization");
                if (!exists || (!Offers(parameter) && (Offers("patient") || Offers("subject")))) continue;
                var start = $"{parameter}={value}";
                ways.Add(new SearchWay(parameter, [Branch(rule, start, narrowing)]));
                if (categories is not null && Offers("category"))
                    ways.Add(new SearchWay($"{parameter}/category", [.. categories.Select(c => Branch($"{rule}.{c}", $"{start}&category={c}", narrowing))]));
            }

            return new PlannedSearch(type, rule, mandatory, sieve, leftOut, ways);
        }

        private SearchBranch Branch(string rule, string start, Narrowing? narrowing)
        {
            var plain = new SearchRung([Query(start)], Narrow: false);
            if (narrowing is null) return new SearchBranch(rule, [plain]);

            var narrow = new List<SearchQuery> { Query($"{start}&{narrowing.Parameter}={narrowing.Value}") };
            if (narrowing.MayBeMissing) narrow.Add(Query($"{start}&{narrowing.Parameter}:missing=true"));
            return new SearchBranch(rule, [new SearchRung(narrow, Narrow: true), plain]);
        }

        private SearchQuery Query(string text) => new($"{text}&_count={pageSize}");
    }
}
