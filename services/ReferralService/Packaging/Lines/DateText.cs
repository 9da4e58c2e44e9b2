using System.Text;

namespace ReferralService.Packaging.Lines;

/// <summary>Dates for people: the day, and the minute with its offset where there is one; nothing is converted.</summary>
internal static class DateText
{
    /// <param name="date">A FHIR date, dateTime or instant as written; what is none stays as it is.</param>
    public static string? Of(string? date)
    {
        if (date is null || date.Length < 16 || date[10] != 'T' || date[13] != ':') return date;
        int zone = date.AsSpan(16).IndexOfAny("Z+-");
        return $"{date.AsSpan(0, 10)} {date.AsSpan(11, 5)}{(zone < 0 ? "" : " ")}{(zone < 0 ? "" : date.AsSpan(16 + zone))}";
    }

    /// <summary>The same where it stands.</summary>
    public static Said Of(Said date, SpokenText words)
    {
        var text = words[date];
        if (text.Length < 16) return date;
        // What is no ASCII is no date either, and is counted in characters.
        if (!Ascii.IsValid(text)) return words.Add(Of(words.ToText(date)));
        if (text[10] != (byte)'T' || text[13] != (byte)':') return date;
        int zone = text[16..].IndexOfAny("Z+-"u8), at = words.Length;
        words.Add(new Said(date.At, 10));
        words.Add(" "u8);
        words.Add(new Said(date.At + 11, 5));
        if (zone >= 0)
        {
            words.Add(" "u8);
            words.Add(new Said(date.At + 16 + zone, date.Length - 16 - zone));
        }

        return words.Since(at);
    }
}
