using ReferralService.Fhir.Resources;
using ReferralService.Gathering.Plans;

namespace ReferralService.Gathering;

/// <summary>Which searches a record is gathered by: a function of what the EHR says it can do, the look-back, the page size, and what the record plans want beyond that.</summary>
internal static class GatheringPlan
{
    // R4's value sets, so that what is left out can be named.
    private static readonly string[] ClinicalStatuses = ["active", "recurrence", "relapse", "inactive", "remission", "resolved"];
    private static readonly string[] MedicationStatuses = ["active", "on-hold", "cancelled", "completed", "entered-in-error", "stopped", "draft", "unknown"];
    private static readonly string[] DocumentStatuses = ["current", "superseded", "entered-in-error"];

    private static readonly string[] Always =
        ["Observation", "DiagnosticReport", "Condition", "AllergyIntolerance", "MedicationRequest", "Procedure", "Immunization", "DocumentReference", "Consent"];

    /// <param name="capabilities">Null: nothing is known, a plain R4 server is assumed.</param>
    /// <param name="firstDay">Results and reports before it are asked for only as far as a plan wants them. A whole day: some servers refuse partial dates, and none is harmed by a day more.</param>
    /// <param name="reach">Null: no plan wants anything.</param>
    public static IReadOnlyList<PlannedSearch> Make(CapabilityView? capabilities, DateTimeOffset firstDay, int pageSize, PlanReach? reach = null)
    {
        var wanted = reach ?? PlanReach.None;
        var plan = new SearchWriter(capabilities, pageSize);
        PlannedSearch All(string type) => plan.Search(type, mandatory: false, new Sieve(), wanted: ByCode(wanted, type));
        return
        [
            Results(plan, "Observation", firstDay, wanted),
            Results(plan, "DiagnosticReport", firstDay, wanted),
            // A condition without a status may be a current one.
            OfStatus(plan, "Condition", "clinical-status", mayBeMissing: true, ["active", "recurrence", "relapse"], ClinicalStatuses, wanted, s => new Sieve { ClinicalStatus = s }),
            All("AllergyIntolerance"),
            OfStatus(plan, "MedicationRequest", "status", mayBeMissing: false, ["active"], MedicationStatuses, wanted, s => new Sieve { Status = s }),
            All("Procedure"),
            All("Immunization"),
            // R4: superseded is a document that another one replaces. Some EHRs call every note but the newest so; which notes those are only the EHR
            // can say, so its word is taken, and told in the manifest.
            OfStatus(plan, "DocumentReference", "status", mayBeMissing: false, ["current"], DocumentStatuses, wanted, s => new Sieve { Status = s }),
            // Read to decide what goes, and of all statuses: one that is not active says by that that it no longer counts.
            plan.Search("Consent", mandatory: false, new Sieve(), decides: true),
            .. wanted.Wanted.Keys.Union(wanted.Images ? ["ImagingStudy"] : []).Where(type => !Always.Contains(type)).Order(StringComparer.Ordinal).Select(All),
        ];
    }

    /// <summary>The day on which the look-back of an instant begins.</summary>
    public static DateTimeOffset FirstDay(DateTimeOffset now, TimeSpan lookBack)
    {
        var start = now - DateTimeOffset.UnixEpoch.AddYears(-200) > lookBack ? now - lookBack : DateTimeOffset.UnixEpoch.AddYears(-200);
        return new DateTimeOffset(start.UtcDateTime.Date, TimeSpan.Zero);
    }

    /// <summary>Everything since the first day; and of what is older that which a plan wants: by its codes where it can be asked for by them, else all as far back as the plan wants.</summary>
    private static PlannedSearch Results(SearchWriter plan, string type, DateTimeOffset firstDay, PlanReach reach)
    {
        var byCode = ByCode(reach, type, dated: true);
        if (!reach.Further.TryGetValue(type, out var older)) return plan.Search(type, mandatory: true, new Sieve { NotBefore = firstDay }, Since(firstDay), older: null, byCode);
        return plan.CanAskFor(older)
            ? plan.Search(type, mandatory: true, new Sieve { NotBefore = firstDay }, Since(firstDay, "&code:not-in=plans"), new WantedByCode(older, firstDay, SinceEarliest(older)), byCode)
            : plan.Search(type, mandatory: true, new Sieve { NotBefore = older.Earliest }, older.Earliest is { } start ? Since(start) : null, older: null, byCode);
    }

    /// <param name="dated">Of the type's dates the sieve knows what is too old.</param>
    private static WantedByCode? ByCode(PlanReach reach, string type, bool dated = false)
    {
        if (!reach.Wanted.TryGetValue(type, out var search)) return null;
        return dated ? new WantedByCode(search, before: null, SinceEarliest(search)) : new WantedByCode(search with { Earliest = null }, before: null, sieve: null);
    }

    private static Sieve SinceEarliest(TypeSearch search) => new() { NotBefore = search.Earliest };

    private static Narrowing Since(DateTimeOffset day, string except = "")
        => new("date", form => $"ge{SearchDay.Write(day, form)}", SearchDay.Forms, MayBeMissing: true, $"lt{SearchDay.Write(day, DayForm.Day)}{except}", GapReason.OutsideWindow);

    /// <summary>What is current, and what a plan wants of other statuses.</summary>
    private static PlannedSearch OfStatus(
        SearchWriter plan, string type, string parameter, bool mayBeMissing, string[] current, string[] all, PlanReach reach, Func<IReadOnlyList<string>, Sieve> sieve)
    {
        var byCode = ByCode(reach, type);
        bool any = reach.Wanted.TryGetValue(type, out var search) && search.Statuses is null;
        if (any) return plan.Search(type, mandatory: false, new Sieve(), wanted: byCode);
        string[] asked = [.. current, .. (search?.Statuses ?? []).Where(s => all.Contains(s) && !current.Contains(s))];
        if (asked.Length == all.Length) return plan.Search(type, mandatory: false, new Sieve(), wanted: byCode);
        var values = string.Join(',', asked);
        return plan.Search(
            type, mandatory: false, sieve(asked),
            new Narrowing(parameter, _ => values, [DayForm.Day], mayBeMissing, string.Join(',', all.Where(s => !asked.Contains(s))), GapReason.NotCurrent), older: null, byCode);
    }
}
