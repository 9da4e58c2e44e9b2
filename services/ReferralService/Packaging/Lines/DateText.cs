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
}
