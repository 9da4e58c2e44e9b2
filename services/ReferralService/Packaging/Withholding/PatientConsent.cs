using ReferralService.Fhir.Errors;
using ReferralService.Fhir.Resources;

namespace ReferralService.Packaging.Withholding;

/// <summary>What a consent says of one resource, from the weakest word to the strongest.</summary>
internal enum Word
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It permits other things than this one.</summary>
    Outside,
    Permit,
    Deny,
}

/// <param name="Unclear">The answer rests on something in the consent that is not understood.</param>
/// <param name="NamesPart2">The permit names substance use records.</param>
/// <param name="Where">The provision that decided: <c>provision</c>, <c>provision.provision[1]</c>.</param>
internal readonly record struct ConsentWord(Word Word, bool Unclear, bool NamesPart2, string Where)
{
    public static ConsentWord None { get; } = new(Word.None, false, false, "");
}

/// <summary>One Consent of the record, and what it has to say (IHE PCF: a base that permits or denies, and its exceptions, in which deny wins).</summary>
/// <param name="Reference"><c>Consent/id</c>.</param>
/// <param name="View">Null: it cannot be read, so that nobody knows what it denies.</param>
internal sealed record PatientConsent(string Reference, string? Version, ConsentView? View)
{
    public static PatientConsent Read(RawResource resource, string reference, string? version)
    {
        try
        {
            return new PatientConsent(reference, version, ConsentView.Read(resource));
        }
        catch (FhirFormatException)
        {
            return new PatientConsent(reference, version, null);
        }
    }

    /// <summary>When it was given, else when it was last written; what has neither is the oldest.</summary>
    public DateTimeOffset Given => (DateSpan.Of(View?.DateTime) ?? DateSpan.Of(View?.LastUpdated))?.Latest ?? DateTimeOffset.MinValue;

    /// <summary>Why it has no part in the decision; null: it has.</summary>
    public string? Aside(DisclosureScene scene)
    {
        if (View is null) return null;
        if (View.Status is "draft" or "proposed" or "rejected" or "inactive" or "entered-in-error") return "not-active";
        if (View.Scope is { } scope && !scope.Has("http://terminology.hl7.org/CodeSystem/consentscope", "patient-privacy")
            && scope.Codings.Any(c => c is { System: "http://terminology.hl7.org/CodeSystem/consentscope", Code: "research" or "adr" or "treatment" })) return "other-scope";
        if (View.Patient is not null && scene.Names(View.Patient, scene.Patient) == Fit.No) return "other-patient";
        return View.Provision is { } provision && ProvisionFit.InForce(provision, scene) == Fit.No ? "not-in-force" : null;
    }

    /// <param name="policies">How the operator reads privacy policies that are named without provisions.</param>
    public ConsentWord Say(ConsentItem item, DisclosureScene scene, ConsentPolicies policies)
    {
        if (View?.Status != "active" || View.NotUnderstood.Count > 0) return new ConsentWord(Word.Deny, Unclear: true, false, "");
        bool? byPolicy = policies.Base(View);
        if (View.Provision is not { } root) return byPolicy is { } known ? new ConsentWord(known ? Word.Permit : Word.Deny, false, false, "policy") : new ConsentWord(Word.Deny, true, false, "policy");

        var word = Base(root, byPolicy, item, scene);
        foreach (var (i, exception) in root.Provisions.Index())
        {
            var said = Exception(exception, i, root, item, scene);
            if (said.Word == Word.Deny) return said;
            // A permit of everything names no substance use records; the exception that does, is no repetition of it.
            if (said.Word == Word.Permit && (word.Word != Word.Permit || (said.NamesPart2 && !word.NamesPart2))) word = said;
        }

        return word;
    }

    private ConsentWord Base(ConsentProvision root, bool? byPolicy, ConsentItem item, DisclosureScene scene)
    {
        bool? permits = root.Type switch { "permit" => true, "deny" => false, null => byPolicy, _ => null };
        var disclosure = ProvisionFit.Disclosure(root, scene);
        if (disclosure == Fit.No) return ConsentWord.None;
        if (permits is null || (View!.PolicyRule is not null && byPolicy is null)) return new ConsentWord(Word.Deny, true, false, "provision");
        var data = ProvisionFit.Data(root, item, scene, permits.Value);
        if (permits == false) return data == Fit.No ? ConsentWord.None : new ConsentWord(Word.Deny, disclosure.And(data) != Fit.Yes, false, "provision");
        return disclosure.And(data) == Fit.Yes
            ? new ConsentWord(Word.Permit, false, LabelFit.NamesPart2(root.SecurityLabels), "provision")
            : new ConsentWord(Word.Outside, disclosure == Fit.Maybe || data == Fit.Maybe, false, "provision");
    }

    /// <summary>PCF knows exceptions to the base and none to those: a permit that has some is not understood, a denial that has some holds without them.</summary>
    private static ConsentWord Exception(ConsentProvision exception, int index, ConsentProvision root, ConsentItem item, DisclosureScene scene)
    {
        bool permits = exception.Type == "permit";
        var fit = ProvisionFit.Disclosure(exception, scene).And(ProvisionFit.Data(exception, item, scene, permits));
        if (exception.Provisions.Count > 0) fit = fit.And(Fit.Maybe);
        string where = $"provision.provision[{index}]";
        if (!permits) return fit == Fit.No ? ConsentWord.None : new ConsentWord(Word.Deny, fit == Fit.Maybe || exception.Type != "deny", false, where);
        return fit == Fit.Yes && ProvisionFit.Disclosure(root, scene) == Fit.Yes ? new ConsentWord(Word.Permit, false, LabelFit.NamesPart2(exception.SecurityLabels), where) : ConsentWord.None;
    }
}
