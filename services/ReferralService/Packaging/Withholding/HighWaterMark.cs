using ReferralService.Fhir.Resources;

namespace ReferralService.Packaging.Withholding;

/// <summary>The labels of a package as a whole (HL7 DS4P): one level, the highest; every sensitivity and policy; and of obligations and refrains those that give nothing away.</summary>
internal static class HighWaterMark
{
    /// <summary>DS4P: tags that reveal that something was hidden or forbidden must not stand in a high-water mark (MASK, REDACT, NODSCLCD …). Only these may.</summary>
    private static readonly string[] MayStand =
        ["AOD", "AUDIT", "AUDTR", "CPLYCC", "CPLYJPP", "CPLYOPP", "CPLYOSP", "CPLYPOL", "ENCRYPT", "ENCRYPTR", "ENCRYPTT", "ENCRYPTU", "MINEC", "NOREUSE", "PERSISTLABEL", "PRIVMARK", LabelSystems.NoRedisclosure];

    private static readonly Dictionary<string, string> Displays = new(StringComparer.Ordinal)
    {
        [LabelSystems.Part2] = "42 CFR Part2",
        [LabelSystems.NoRedisclosure] = "no redisclosure without consent directive",
    };

    /// <param name="carried">Of everything that goes.</param>
    public static IReadOnlyList<CodingView> Of(IEnumerable<SecurityLabels> carried)
    {
        var level = Confidentiality.Unrestricted;
        bool any = false;
        var codes = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var labels in carried)
        {
            any = true;
            if (labels.Level > level) level = labels.Level;
            codes.UnionWith(labels.Sensitivities);
            codes.UnionWith(labels.Policies);
            codes.UnionWith(labels.Handling.Where(MayStand.Contains));
            // 42 CFR 2.32 forbids redisclosure whether or not the EHR said so.
            if (labels.IsPart2) codes.Add(LabelSystems.NoRedisclosure);
        }

        if (!any) level = Confidentiality.Normal;
        return [new CodingView(LabelSystems.ConfidentialitySystem, level.Code(), level.Display()), .. codes.Select(c => new CodingView(LabelSystems.ActCode, c, Displays.GetValueOrDefault(c)))];
    }
}
