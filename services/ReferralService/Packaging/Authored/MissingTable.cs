using ReferralService.Fhir.References;
using ReferralService.Gathering.Plans;
using ReferralService.Packaging.Lines;
using ReferralService.Packaging.Withholding;

namespace ReferralService.Packaging.Authored;

/// <summary>What is not in the record, so that nobody takes it for the whole: in words what was never asked for; counted by why and by type what did not come.</summary>
internal static class MissingTable
{
    private const int MaxTypes = 20;

    private static readonly Dictionary<string, string> Reasons = new(StringComparer.Ordinal)
    {
        [LeftOut.BeyondLastN] = "older ones of a kind of which the newest are included",
        [LeftOut.MustNotSend] = "kept back by the sender's rules",
        [LeftOut.NotRelevant] = "not asked for by the plans of this referral; left out",
        ["bad-content"] = "a file that is not what its document says of it (damaged, or another); included as it is",
        ["cancelled"] = "cancelled; left out",
        ["conditional"] = "named by a search instead of an address; not looked up",
        ["credentials-inside"] = "an address with a key to it, which is not ours to hand on; ask the sender",
        ["entered-in-error"] = "entered in error; left out",
        ["filter-ignored"] = "the EHR did not search for this patient alone; not used",
        ["forbidden"] = "the EHR does not let us read it",
        ["foreign-origin"] = "kept on another server",
        ["gone"] = "deleted at the EHR",
        ["incomplete-answer"] = "the EHR said that its answer is not whole",
        ["limit"] = "beyond the limits set for a record",
        ["named-only"] = "named by something inside; not part of this referral",
        ["no-content"] = "a file whose content was not given",
        ["no-id"] = "without an id, so not traceable",
        ["not-a-resource"] = "an address at the EHR that is neither a resource nor a file; not fetched",
        ["not-current"] = "no longer current; left out",
        ["not-fhir"] = "could not be read",
        ["not-found"] = "not found at the EHR",
        ["not-offered"] = "the EHR offers no search for it",
        ["other-categories"] = "of categories that were not asked for",
        ["other-patient"] = "about another patient; left out",
        ["other-version"] = "another version than the one that was meant is included",
        ["outside-window"] = "outside the time asked for",
        ["patient-unknown"] = "whose it is could not be made sure; left out",
        ["refused"] = "the EHR refused the question",
        ["replaced"] = "replaced by a newer document, which counts",
        ["timed-out"] = "the EHR did not answer in time",
        ["too-large"] = "a file too large to be included; its address is in the document",
        ["unreachable"] = "the EHR could not be reached",
        ["unresolvable"] = "named in a way that leads nowhere",
        ["unusable-id"] = "with an id that cannot stand in an address, so not traceable",
        ["withheld"] = "withheld",
        [WithheldReason.Consent] = "withheld as the patient wishes",
        [WithheldReason.Policy] = "withheld for the patient's privacy; ask the sender",
    };

    /// <summary>Each thing once, however many ways led to it (the order's and a search's, two signatures of one file).</summary>
    /// <remarks>But for searches: <c>Practitioner?conditional</c> tells only a type, and two of them may mean two.</remarks>
    public static IReadOnlyList<ManifestOmission> Distinct(IReadOnlyList<ManifestOmission> omitted, EhrAddress ehr)
        => [.. omitted.DistinctBy(o => (ehr.UrlOf(FhirReference.Parse(o.Reference)) ?? o.Reference, o.Reason, o.Reference.Contains('?') ? o.Rule : null))];

    public static Narrative Of(IReadOnlyList<ManifestOmission> omitted, EhrAddress ehr)
    {
        var narrative = new Narrative();
        var notAsked = omitted.Select(NotAskedFor.Sentence).OfType<string>().ToList();
        if (notAsked.Count > 0) narrative.Paragraph("Left out by rule, unless something in the record names it:").List(notAsked);

        var rows = Distinct(omitted, ehr)
            .Where(o => NotAskedFor.Sentence(o) is null)
            .GroupBy(o => o.Reason, StringComparer.Ordinal)
            .OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => new[] { Words(g.Key), IsNotTold(g.Key) ? Items(g.Count()) : Types(g) })
            .ToList();
        return rows.Count == 0 ? narrative : narrative
            .Paragraph("This record is not complete. Known to be missing:")
            .Table(["Why", "What"], rows);
    }

    private static bool IsNotTold(string reason) => WithheldReason.Is(reason) || reason == LeftOut.MustNotSend;

    /// <summary>What was withheld or kept back is not told, not even its type.</summary>
    private static string Items(int count) => count == 1 ? "1 item" : $"{count} items";

    private static string Types(IEnumerable<ManifestOmission> omitted)
    {
        var counts = omitted.CountBy(o => TypeOf(o.Reference), StringComparer.Ordinal).OrderBy(c => c.Key, StringComparer.Ordinal).ToList();
        string said = string.Join(", ", counts.Take(MaxTypes).Select(c => $"{c.Value} {c.Key}"));
        return counts.Count > MaxTypes ? $"{said} …" : said;
    }

    private static string Words(string reason) => Reasons.TryGetValue(reason, out string? words) ? words : ReadableText.Of(reason) ?? "unknown";

    private static string TypeOf(string reference)
    {
        if (FhirReference.Parse(reference).Type is { } type) return type;
        string start = reference.Split('?', '/')[0];
        return start.Length > 0 && char.IsAsciiLetterUpper(start[0]) && start.All(char.IsAsciiLetter) ? start : "other";
    }
}
