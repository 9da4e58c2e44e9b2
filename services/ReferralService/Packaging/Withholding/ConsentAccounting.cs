using ReferralService.Fhir.Resources;

namespace ReferralService.Packaging.Withholding;

/// <summary>Counts what the rulings came to.</summary>
internal static class ConsentAccounting
{
    /// <param name="plain">How many beside the rulings go by the default, without any label.</param>
    public static ConsentAccount Of(
        ConsentDecision decision, IReadOnlyList<(ConsentItem Item, Ruling Ruling)> rulings, IReadOnlyList<PatientConsent> consents, IReadOnlyList<CodingView> marks, LabelBook book, bool part2, int plain = 0)
    {
        var entries = decision.Considered.Select(c => Entry(c, rulings)).ToList();
        bool spoke = rulings.Any(r => r.Ruling.Consent is not null);
        return new ConsentAccount(
            spoke ? "consent" : "default",
            decision.Default.ToString(),
            plain + rulings.Count(r => r.Ruling is { Reason: null, Consent: null }),
            decision.MaybeMore,
            decision.Purpose,
            entries,
            Counts(rulings.Select(r => r.Ruling.Reason).OfType<string>()),
            Counts(rulings.SelectMany(r => r.Item.Traits.Labels.Rules)),
            rulings.Sum(r => r.Item.Traits.Labels.Unknown.Count),
            [.. DeniedSensitivities(decision).Where(s => !book.Concludes(s)).Distinct().Order(StringComparer.Ordinal)],
            [.. marks.Select(m => $"{m.System}|{m.Code}")],
            part2);
    }

    private static ConsentAccountEntry Entry(ConsideredConsent considered, IReadOnlyList<(ConsentItem Item, Ruling Ruling)> rulings)
    {
        var (consent, aside) = considered;
        var mine = rulings.Where(r => ReferenceEquals(r.Ruling.Consent, consent)).Select(r => r.Ruling).ToList();
        int carried = mine.Count(r => r.Reason is null), withheld = mine.Count - carried;
        string said = aside ?? (carried, withheld) switch { (0, 0) => "silent", (_, 0) => "permits", (0, _) => "denies", _ => "mixed" };
        return new ConsentAccountEntry(consent.Reference, consent.Version, DateSpan.Of(consent.View?.DateTime) is null ? null : consent.View!.DateTime, said, carried, withheld, mine.Exists(r => r.Unclear));
    }

    /// <summary>Which sensitivities the applicable consents deny, in their base or an exception.</summary>
    private static IEnumerable<string> DeniedSensitivities(ConsentDecision decision)
        => decision.Considered.Where(c => c is { Aside: null, Consent.View.Provision: not null })
            .SelectMany(c => c.Consent.View!.Provision!.Provisions.Append(c.Consent.View.Provision))
            .Where(p => p.Type == "deny")
            .SelectMany(p => p.SecurityLabels)
            .SelectMany(l => SecurityLabels.Of(l.System, l.Code).Sensitivities);

    private static SortedDictionary<string, int> Counts(IEnumerable<string> values)
        => new(values.CountBy(v => v, StringComparer.Ordinal).ToDictionary(c => c.Key, c => c.Value), StringComparer.Ordinal);
}
