using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering.Plans;

/// <summary>A bound in the units it is written for; a value in other units, or without, is never judged by it.</summary>
/// <param name="IsAbove">Alarms above it; else below.</param>
internal sealed record AlarmLimit(bool IsAbove, decimal Value, IReadOnlyList<string> Units)
{
    public bool IsPassedBy(ResultValue result)
    {
        if (result.Number is not { } number || !(Holds(result.UnitCode) || Holds(result.Unit))) return false;
        return IsAbove
            ? (number > Value && result.Comparator is not ("<" or "<=")) || (number == Value && result.Comparator == ">")
            : (number < Value && result.Comparator is not (">" or ">=")) || (number == Value && result.Comparator == "<");
    }

    private bool Holds(string? unit) => unit is not null && Units.Contains(unit, StringComparer.Ordinal);
}

/// <summary>What must catch the eye in a result: shown, never a reason to send or to hold.</summary>
/// <param name="Rule"><c>plan:urology-psa/potassium!critical</c>.</param>
/// <param name="Codes">Of the result or of the component that is judged; empty: the result itself.</param>
/// <param name="Interpretations">v3-ObservationInterpretation codes by which the laboratory itself says so (HH, LL, AA).</param>
/// <param name="WhenPresent">That it is there at all is worth saying: a blood thinner.</param>
internal sealed record AlarmRule(
    string Rule, string Label, CodeSet Codes, IReadOnlyList<AlarmLimit> Limits, IReadOnlyList<string> Interpretations, bool WhenPresent)
{
    /// <summary>False: its values need not be read to know that it is not.</summary>
    public bool MayBeRaisedBy(RelevanceFacts facts)
    {
        if (WhenPresent || facts.HasComponents || (facts.HasNumber && Limits.Count > 0)) return true;
        if (facts.Interpretation is not { } said) return false;
        for (int i = 0; i < said.Codings.Count; i++)
        {
            if (Interpretations.Contains(said.Codings[i].Code!, StringComparer.Ordinal)) return true;
        }

        return false;
    }

    /// <param name="results">Of the resource, read by now.</param>
    public bool IsRaisedBy(RelevanceFacts facts, IReadOnlyList<ResultValue> results)
    {
        if (WhenPresent) return Codes.IsEmpty || Codes.Find(facts.Topic.KnownCodes) is not null;
        foreach (var result in results)
        {
            if (Codes.IsEmpty ? result.Codes is not null : Codes.Find(result.Codes ?? facts.Codes) is null) continue;
            if (Limits.Any(limit => limit.IsPassedBy(result)) || result.Interpretations.Any(i => Interpretations.Contains(i, StringComparer.Ordinal))) return true;
        }

        return false;
    }
}

/// <summary>A value as it was measured, of the resource itself or of one of its components.</summary>
/// <param name="Codes">Of the component; null for the resource's own value.</param>
/// <param name="Interpretations">Of this value; a laboratory's own judgement.</param>
internal sealed record ResultValue(
    IReadOnlyList<CodingView>? Codes, decimal? Number, string? Comparator, string? Unit, string? UnitCode, IReadOnlyList<string> Interpretations);
