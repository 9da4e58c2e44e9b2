using ReferralService.Fhir.Resources;

namespace ReferralService.Packaging.Withholding;

/// <summary>Whether a resource's labels are among those a provision names (IHE PCF Advanced; several labels are alternatives).</summary>
/// <remarks>
/// A level permitted includes the lower ones (R4 Consent.provision.securityLabel), a level denied the higher ones. A sensitivity permitted
/// includes those that are surely a case of it; a sensitivity denied also those that may be. A label that is not known permits nothing, and
/// denies all that is not surely without it.
/// </remarks>
internal static class LabelFit
{
    public static Fit Permitted(IReadOnlyList<CodingView> named, SecurityLabels labels)
    {
        if (named.Count == 0) return Fit.Yes;
        var given = named.Select(n => SecurityLabels.Of(n.System, n.Code)).Where(g => g.Unknown.Count == 0).ToList();
        if (labels.Unreadable) return Fit.No;
        if (given.Any(g => g is { Stated: { } level } && labels.Level <= level)) return Fit.Yes;

        // By what it is about: then all that it is about must be named.
        var sensitivities = given.SelectMany(g => g.Sensitivities).ToList();
        bool all = labels.Sensitivities.All(s => sensitivities.Any(wider => SensitivityTree.Includes(wider, s)));
        bool law = labels.Policies.All(p => given.Any(g => g.Policies.Contains(p)) || (p == LabelSystems.Part2 && sensitivities.Any(s => SensitivityTree.MayBe(s, "SUD"))));
        return Fits.When(labels.Sensitivities.Count + labels.Policies.Count > 0 && all && law && !labels.Doubtful && labels.Stated is not Confidentiality.VeryRestricted);
    }

    public static Fit Denied(IReadOnlyList<CodingView> named, SecurityLabels labels)
    {
        if (named.Count == 0) return Fit.Yes;
        if (labels.Unreadable) return Fit.Maybe;
        var fit = Fits.AnyOf(named, n => Hit(SecurityLabels.Of(n.System, n.Code), labels));
        return fit == Fit.No && labels.Doubtful ? Fit.Maybe : fit;
    }

    /// <summary>Whether a provision speaks of substance use records as such: 42 CFR 2.31 wants a meaningful description, and a general release is none (2.32).</summary>
    public static bool NamesPart2(IReadOnlyList<CodingView> named)
        => named.Select(n => SecurityLabels.Of(n.System, n.Code)).Any(g => g.Unknown.Count == 0 && (g.IsPart2 || g.Sensitivities.Any(s => SensitivityTree.Includes("SUD", s))));

    private static Fit Hit(SecurityLabels label, SecurityLabels labels) => label switch
    {
        { Unknown: [var unknown] } => labels.Unknown.Contains(unknown) ? Fit.Yes : Fit.Maybe,
        { Unreadable: true } => Fit.Maybe,
        { Stated: { } level } => Fits.When(labels.Level >= level),
        { Sensitivities: [var sensitivity] } => Fits.When(
            labels.Sensitivities.Any(s => SensitivityTree.MayBe(s, sensitivity)) || (labels.IsPart2 && SensitivityTree.MayBe("SUD", sensitivity))),
        { Policies: [var policy] } => Fits.When(labels.Policies.Contains(policy)),
        { Handling: [var handling] } => Fits.When(labels.Handling.Contains(handling)),
        _ => Fit.Maybe,
    };
}
