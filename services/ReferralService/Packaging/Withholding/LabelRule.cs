namespace ReferralService.Packaging.Withholding;

/// <summary>A list of codes and the labels that whatever bears one of them has.</summary>
/// <param name="Sources">Where its codes come from, in words.</param>
internal sealed record LabelRule(string Id, string Version, IReadOnlyList<string> Sources, SecurityLabels Labels, IReadOnlyList<LabelCodes> Codes)
{
    public string Name => $"{Id}/{Version}";
}

/// <summary>Codes of one code system, which goes by several names: whole ones, and beginnings of ones that branch (ICD, ATC).</summary>
internal sealed record LabelCodes(IReadOnlyList<string> Systems, IReadOnlyList<string> Codes, IReadOnlyList<string> Prefixes);
