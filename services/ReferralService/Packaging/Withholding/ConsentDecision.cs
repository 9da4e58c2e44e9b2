using ReferralService.Fhir.Resources;

namespace ReferralService.Packaging.Withholding;

/// <summary>What is decided of one resource.</summary>
/// <param name="Reason">Why it is withheld, of <see cref="WithheldReason"/>; null: it goes.</param>
/// <param name="Rule">What decided, for the sender's privacy role: the Consent with its version and provision, or the setting.</param>
/// <param name="Unclear">It rests on something that is not understood.</param>
/// <param name="Consent">The Consent that decided; null: none did.</param>
/// <param name="Denied">It is denied, not only outside of what is permitted.</param>
internal sealed record Ruling(string? Reason, string Rule, bool Unclear = false, PatientConsent? Consent = null, bool Denied = false)
{
    /// <summary>The same of something that stays because this one stays.</summary>
    public Ruling With(ResourceKey other) => this with { Rule = $"with {other}: {Rule}" };
}

/// <summary>The two reasons a recipient may know; neither says what was withheld.</summary>
internal static class WithheldReason
{
    /// <summary>The patient denied it, or permitted other things.</summary>
    public const string Consent = "withheld-by-consent";

    /// <summary>No consent speaks of it, and the sender's default or a law does not let it go without.</summary>
    public const string Policy = "withheld-by-policy";

    public static bool Is(string reason) => reason is Consent or Policy;
}

/// <summary>Decides resource by resource: deny wins over permit, permit over silence, and of several that say the same the newest is named.</summary>
internal sealed class ConsentDecision
{
    /// <summary>Refrains that a patient's consent lifts.</summary>
    private static readonly string[] WantConsent = ["NOAUTH", "NODSCLCD", "NODSCLCDS", "NORDSCLCD", "NORDSCLCDS"];

    /// <summary>Refrains that only somebody else than the patient can lift.</summary>
    private static readonly string[] WantOthers = ["NOLIST", "NOMOU", "NOORGPOL", "NORDSCLW", "ORCON"];

    private readonly DisclosureScene _scene;
    private readonly ConsentOptions _options;
    private readonly List<PatientConsent> _applicable;

    /// <summary>Of what is in no way special and no consent speaks of: nearly everything of most records.</summary>
    private readonly Ruling _plain;

    /// <param name="consents">In any order.</param>
    /// <param name="maybeMore">Whether the EHR could not be asked for all of them: then nothing special goes without one that permits it.</param>
    public ConsentDecision(IEnumerable<PatientConsent> consents, DisclosureScene scene, ConsentOptions options, bool maybeMore = false)
    {
        (_scene, _options) = (scene, options);
        Considered =
        [
            .. consents.OrderByDescending(c => c.Given).ThenBy(c => c.Reference, StringComparer.Ordinal).Select(c => new ConsideredConsent(c, c.Aside(scene))),
        ];
        _applicable = [.. Considered.Where(c => c.Aside is null).Select(c => c.Consent)];
        MaybeMore = maybeMore;
        Default = maybeMore && options.Default == ConsentDefault.Permit ? ConsentDefault.PermitNormal : options.Default;
        _plain = Default == ConsentDefault.Deny ? new Ruling(WithheldReason.Policy, "Consent:Default Deny") : new Ruling(null, $"Consent:Default {Default}");
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<ConsideredConsent> Considered { get; }

    /// <summary>As configured, or stricter where consents may be missing.</summary>
    public ConsentDefault Default { get; }

    public bool MaybeMore { get; }

    public string Purpose => _scene.Purpose;

    /// <summary>No consent has a say: then only labels and the default count, and no date does.</summary>
    public bool IsByDefault => _applicable.Count == 0;

    /// <summary>What bears no label goes, and no consent has a say.</summary>
    public bool LetsPlainGo => IsByDefault && _plain.Reason is null;

    public Ruling Rule(ConsentItem item)
    {
        var labels = item.Traits.Labels;
        if (ReferenceEquals(labels, SecurityLabels.None) && _applicable.Count == 0) return _plain;
        if (labels.Handling.FirstOrDefault(WantOthers.Contains) is { } refrain) return new Ruling(WithheldReason.Policy, $"label {refrain}");
        bool wantsConsent = labels.IsPart2 || labels.Handling.Any(WantConsent.Contains);

        (PatientConsent Consent, ConsentWord Word)? best = null;
        foreach (var consent in _applicable)
        {
            var word = consent.Say(item, _scene, _options.Policies);
            if (word.Word == Word.Permit && labels.IsPart2 && !word.NamesPart2) word = word with { Word = Word.None };
            if (word.Word > (best?.Word.Word ?? Word.None)) best = (consent, word);
        }

        return best switch
        {
            (var consent, { Word: Word.Permit } word) => new Ruling(null, Say(consent, "permits", word), false, consent),
            (var consent, { Word: Word.Deny } word) => new Ruling(WithheldReason.Consent, Say(consent, word.Unclear ? "may deny" : "denies", word), word.Unclear, consent, Denied: true),
            (var consent, { Word: Word.Outside } word) => new Ruling(WithheldReason.Consent, Say(consent, word.Unclear ? "does not surely permit" : "permits other things", word), word.Unclear, consent),
            _ when labels.IsPart2 => new Ruling(WithheldReason.Policy, "42 CFR Part 2: no consent names it"),
            _ when wantsConsent => new Ruling(WithheldReason.Policy, "label: not without consent"),
            _ => ByDefault(labels),
        };
    }

    private Ruling ByDefault(SecurityLabels labels) => Default switch
    {
        ConsentDefault.PermitNormal when labels.Level > Confidentiality.Normal => new Ruling(WithheldReason.Policy, $"Consent:Default PermitNormal, label {labels.Level.Code()}{Because(labels)}"),
        _ => _plain,
    };

    private static string Because(SecurityLabels labels)
        => (labels.Sensitivities.Count > 0 ? $" {string.Join(' ', labels.Sensitivities)}" : "") + (labels.Rules.Count > 0 ? $" by {string.Join(' ', labels.Rules)}" : "");

    private static string Say(PatientConsent consent, string what, ConsentWord word)
        => $"{consent.Reference}{(consent.Version is { } version ? $"/_history/{version}" : "")} {what}{(word.Where.Length > 0 ? $" ({word.Where})" : "")}";
}

/// <param name="Aside">Why it has no part in the decision; null: it has.</param>
internal sealed record ConsideredConsent(PatientConsent Consent, string? Aside);
