namespace ReferralService.Gathering;

/// <summary>Reads FHIR's dates (datatypes.html#date, #dateTime, #instant) from their digits: a record has some thousand of them, and .NET's parser asks the culture of each.</summary>
internal static class DateDigits
{
    private const int DayLength = 10, SecondLength = 19, FractionDigits = 7;

    /// <summary><c>YYYY</c>, <c>YYYY-MM</c> or <c>YYYY-MM-DD</c> of a day that there is; what is not said is 0.</summary>
    public static bool TryDay(ReadOnlySpan<byte> text, out int year, out int month, out int day)
    {
        (year, month, day) = (0, 0, 0);
        if (text.Length is not (4 or 7 or DayLength) || !TryFour(text, out year) || year == 0) return false;
        if (text.Length == 4) return true;
        if (text[4] != (byte)'-' || !TryTwo(text[5..], out month) || month is 0 or > 12) return false;
        if (text.Length == 7) return true;
        return text[7] == (byte)'-' && TryTwo(text[8..], out day) && day > 0 && day <= DateTime.DaysInMonth(year, month);
    }

    /// <summary><c>YYYY-MM-DDThh:mm:ss</c>, to seven digits of a second, with a zone or (in UTC then) without. False says only that it is not written so: a parser that takes more may take it.</summary>
    public static bool TryInstant(ReadOnlySpan<byte> text, out DateTimeOffset instant)
    {
        instant = default;
        if (text.Length < SecondLength || text[DayLength] != (byte)'T' || text[13] != (byte)':' || text[16] != (byte)':') return false;
        if (!TryDay(text[..DayLength], out int year, out int month, out int day) || year is 1 or 9999) return false;
        if (!TryTwo(text[11..], out int hour) || !TryTwo(text[14..], out int minute) || !TryTwo(text[17..], out int second) || hour > 23 || minute > 59 || second > 59) return false;
        var rest = text[SecondLength..];
        if (!TryFraction(ref rest, out int fraction) || !TryZone(rest, out int zone)) return false;
        instant = new DateTimeOffset(new DateTime(year, month, day, hour, minute, second).Ticks + fraction, new TimeSpan(zone * TimeSpan.TicksPerMinute));
        return true;
    }

    private static bool TryFraction(ref ReadOnlySpan<byte> rest, out int ticks)
    {
        ticks = 0;
        if (rest is not [(byte)'.', ..]) return true;
        int at = 1;
        for (; at < rest.Length && (uint)(rest[at] - '0') <= 9; at++)
        {
            if (at > FractionDigits) return false;
            ticks = (ticks * 10) + (rest[at] - '0');
        }

        if (at == 1) return false;
        for (int digits = at - 1; digits < FractionDigits; digits++) ticks *= 10;
        rest = rest[at..];
        return true;
    }

    /// <param name="minutes">East of Greenwich; at most fourteen hours either way.</param>
    private static bool TryZone(ReadOnlySpan<byte> text, out int minutes)
    {
        minutes = 0;
        if (text is [] or [(byte)'Z']) return true;
        if (text is not [(byte)'+' or (byte)'-', _, _, (byte)':', _, _] || !TryTwo(text[1..], out int hour) || !TryTwo(text[4..], out int minute) || hour > 13 || minute > 59) return false;
        minutes = (60 * hour) + minute;
        if (text[0] == (byte)'-') minutes = -minutes;
        return true;
    }

    private static bool TryFour(ReadOnlySpan<byte> text, out int number)
    {
        bool good = TryTwo(text, out int high) & TryTwo(text[2..], out int low);
        number = (100 * high) + low;
        return good;
    }

    private static bool TryTwo(ReadOnlySpan<byte> text, out int number)
    {
        uint ten = (uint)(text[0] - '0'), one = (uint)(text[1] - '0');
        number = (int)((10 * ten) + one);
        return ten <= 9 && one <= 9;
    }
}
