using ReferralService.Fhir.Json;

namespace ReferralService.Fhir.Resources;

/// <summary>One HumanName.</summary>
public sealed record HumanNameView(string? Use, string? Text, string? Family, IReadOnlyList<string> Given, IReadOnlyList<string> Prefix, IReadOnlyList<string> Suffix)
{
    /// <summary>What a person reads: text, else prefix, given, family, suffix.</summary>
    public string Display => Text ?? string.Join(' ', [.. Prefix, .. Given, .. Family is null ? Array.Empty<string>() : [Family], .. Suffix]);

    /// <summary>The name to address someone by: official, else usual, else the first that is not old.</summary>
    public static HumanNameView? Best(IReadOnlyList<HumanNameView> names)
        => names.FirstOrDefault(n => n.Use == "official")
            ?? names.FirstOrDefault(n => n.Use == "usual")
            ?? names.FirstOrDefault(n => n.Use is not ("old" or "maiden"))
            ?? (names.Count > 0 ? names[0] : null);

    internal static IReadOnlyList<HumanNameView> List(ref ElementReader e) => e.List(static (ref ElementReader n) => One(ref n));

    private static HumanNameView? One(ref ElementReader e)
    {
        if (!e.Enter()) return null;
        string? use = null, text = null, family = null;
        IReadOnlyList<string> given = [], prefix = [], suffix = [];
        while (e.Next())
        {
            if (e.Is("use"u8)) use = e.Text();
            else if (e.Is("text"u8)) text = e.Text();
            else if (e.Is("family"u8)) family = e.Text();
            else if (e.Is("given"u8)) given = e.Texts();
            else if (e.Is("prefix"u8)) prefix = e.Texts();
            else if (e.Is("suffix"u8)) suffix = e.Texts();
            else e.Skip();
        }

        return new HumanNameView(use, text, family, given, prefix, suffix);
    }
}
