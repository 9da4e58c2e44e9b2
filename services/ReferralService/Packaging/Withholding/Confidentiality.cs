namespace ReferralService.Packaging.Withholding;

/// <summary>v3-Confidentiality in its order: U &lt; L &lt; M &lt; N &lt; R &lt; V. What carries no label is as good as N.</summary>
internal enum Confidentiality
{
    Unrestricted,
    Low,
    Moderate,
    Normal,
    Restricted,
    VeryRestricted,
}

internal static class ConfidentialityCodes
{
    private static readonly (string Code, string Display)[] Levels =
    [
        ("U", "unrestricted"), ("L", "low"), ("M", "moderate"), ("N", "normal"), ("R", "restricted"), ("V", "very restricted"),
    ];

    public static string Code(this Confidentiality level) => Levels[(int)level].Code;

    public static string Display(this Confidentiality level) => Levels[(int)level].Display;

    /// <summary>Null for what is no level of the present code system.</summary>
    public static Confidentiality? Parse(string? code)
        => Array.FindIndex(Levels, l => l.Code == code) is >= 0 and var level ? (Confidentiality)level : null;
}
