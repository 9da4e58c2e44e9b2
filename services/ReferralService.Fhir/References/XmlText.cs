using System.Globalization;
using System.Text;

namespace ReferralService.Fhir.References;

/// <summary>Text of XHTML attributes: the five entities of XML and character references.</summary>
internal static class XmlText
{
    public static string Escape(string text)
        => text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;").Replace("\"", "&quot;").Replace("'", "&#39;");

    /// <summary>What is no reference to a character stays as it stands.</summary>
    public static string Unescape(string text)
    {
        int at = text.IndexOf('&');
        if (at < 0) return text;
        var plain = new StringBuilder(text.Length);
        int from = 0;
        for (; at >= 0; at = text.IndexOf('&', from))
        {
            plain.Append(text, from, at - from);
            int end = text.IndexOf(';', at);
            string? meant = end < 0 ? null : Meaning(text.AsSpan(at + 1, end - at - 1));
            plain.Append(meant ?? "&");
            from = meant is null ? at + 1 : end + 1;
        }

        return plain.Append(text, from, text.Length - from).ToString();
    }

    private static string? Meaning(ReadOnlySpan<char> name) => name switch
    {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        ['#', 'x' or 'X', .. var hex] => Character(hex, NumberStyles.AllowHexSpecifier),
        ['#', .. var digits] => Character(digits, NumberStyles.None),
        _ => null,
    };

    private static string? Character(ReadOnlySpan<char> digits, NumberStyles style)
        => int.TryParse(digits, style, CultureInfo.InvariantCulture, out int value) && Rune.IsValid(value) ? new Rune(value).ToString() : null;
}
