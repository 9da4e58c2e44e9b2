namespace ReferralService.Gathering;

/// <summary>What a server that does not search by the patient alone is asked for instead, one value after the other.</summary>
/// <remarks>Never as a list with commas: a server that does not know lists may take one for a value that nothing has, and answer that there is nothing.</remarks>
/// <param name="Whole">Every resource of the type has one of the values; else some may stay away, which is told.</param>
internal sealed record SearchParts(string Parameter, bool Whole, params IReadOnlyList<string> Values)
{
    private static readonly Dictionary<string, SearchParts[]> ByType = new(StringComparer.Ordinal)
    {
        // R4 observation-category.
        ["Observation"] = [new("category", false, "laboratory", "vital-signs", "imaging", "procedure", "social-history", "survey", "exam", "therapy", "activity")],

        // Of v2-0074 laboratory, pathology, cytology, imaging and its kinds, heart, genetics; US Core's report categories in LOINC: cardiology, pathology, radiology;
        // and the note types under which notes are filed as reports.
        ["DiagnosticReport"] =
        [
            new("category", false, "LAB", "SP", "CP", "RAD", "CT", "NMR", "RUS", "NMS", "CUS", "EC", "GE", "LP29708-2", "LP7839-6", "LP29684-5", "34117-2", "51847-2", "11488-4", "18842-5"),
        ],

        // R4 condition-category and US Core's.
        ["Condition"] = [new("category", false, "problem-list-item", "encounter-diagnosis", "health-concern")],

        // US Core: the one category that servers must have, then its note types (LOINC): consultation, discharge, history, procedure, progress, imaging,
        // laboratory, pathology, operation, emergency, referral, nursing.
        ["DocumentReference"] =
        [
            new("category", false, "clinical-note"),
            new("type", false, "11488-4", "18842-5", "34117-2", "28570-0", "11506-3", "18748-4", "11502-2", "11526-1", "11504-8", "34111-5", "57133-1", "34746-8"),
        ],

        // R4 medicationrequest-intent: the element must be there, and the binding is required.
        ["MedicationRequest"] = [new("intent", true, "order", "original-order", "reflex-order", "filler-order", "instance-order", "plan", "proposal", "option")],

        // US Core: patient with category, patient with status.
        ["CarePlan"] = [new("category", false, "assess-plan")],
        ["CareTeam"] = [new("status", false, "proposed", "active", "suspended", "inactive")],
    };

    public static IReadOnlyList<SearchParts> Of(string type) => ByType.GetValueOrDefault(type, []);
}
