namespace ReferralService.Packaging.Withholding;

/// <summary>Which sensitivity includes which (v3-ActCode, _ActInformationSensitivityPolicy).</summary>
/// <remarks>
/// Wider than R4's own hierarchy where its definitions say so in words: DEMO is all demographic information, MST a case of SDV.
/// ETH is the older word for SUD, SICKLE for SCA: in use for the same records, so each stands for the other.
/// </remarks>
internal static class SensitivityTree
{
    private static readonly Dictionary<string, string> Parents = new(StringComparer.Ordinal)
    {
        ["BH"] = "SPI",
        ["COGN"] = "BH",
        ["DVD"] = "BH",
        ["EMOTDIS"] = "BH",
        ["MH"] = "BH",
        ["SUD"] = "BH",
        ["PSY"] = "MH",
        ["PSYTHPN"] = "PSY",
        ["ETHUD"] = "SUD",
        ["OPIOIDUD"] = "SUD",
        ["MST"] = "SDV",
        ["DOB"] = "DEMO",
        ["GENDER"] = "DEMO",
        ["LIVARG"] = "DEMO",
        ["MARST"] = "DEMO",
        ["RACE"] = "DEMO",
        ["REL"] = "DEMO",
    };

    /// <summary>Whether what is labelled <paramref name="code"/> is surely a case of <paramref name="wider"/>.</summary>
    public static bool Includes(string wider, string code)
    {
        wider = One(wider);
        for (string? at = One(code); at is not null; at = Parents.GetValueOrDefault(at))
        {
            if (at == wider) return true;
        }

        return false;
    }

    /// <summary>Whether what is labelled one may be a case of the other: whichever is the wider, it may be just that.</summary>
    public static bool MayBe(string one, string other) => Includes(one, other) || Includes(other, one);

    private static string One(string code) => code switch { "ETH" => "SUD", "SICKLE" => "SCA", _ => code };
}
