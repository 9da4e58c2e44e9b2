namespace ReferralService.Fhir.Validation.Primitives;

/// <summary>Date, dateTime, instant and time (datatypes.html). Stricter than R4's expressions in one thing, as its text demands: the day must be in the calendar.</summary>
internal static class DateFormat
{
    private const int Refused = -1;

    public static bool IsDate(ReadOnlySpan<byte> text) => Date(text) == text.Length;

    public static bool IsDateTime(ReadOnlySpan<byte> text)
    {
        int date = Date(text);
        return date == text.Length || (date == 10 && IsClockWithZone(text[10..]));
    }

    public static bool IsInstant(ReadOnlySpan<byte> text) => Date(text) == 10 && IsClockWithZone(text[10..]);

    public static bool IsTime(ReadOnlySpan<byte> text) => Clock(text) == text.Length;

    /// <summary>How long the date at the beginning is: year, month or day.</summary>
    private static int Date(ReadOnlySpan<byte> text)
    {
        if (text.Length < 4 || !TryNumber(text[..4], out int year) || year == 0) return Refused;
        if (text.Length == 4) return 4;
        if (text.Length < 7 || text[4] != (byte)'-' || !TryNumber(text[5..7], out int month) || month is < 1 or > 12) return Refused;
        if (text.Length == 7) return 7;
        return text.Length >= 10 && text[7] == (byte)'-' && TryNumber(text[8..10], out int day) && day >= 1 && day <= DateTime.DaysInMonth(year, month)
            ? 10
            : Refused;
    }

    private static bool IsClockWithZone(ReadOnlySpan<byte> text)
    {
        if (text.Length < 2 || text[0] != (byte)'T') return false;
        int clock = Clock(text[1..]);
        return clock != Refused && IsZone(text[(1 + clock)..]);
    }

    /// <summary>How long the time at the beginning is. Second 60 stands for a leap second.</summary>
    private static int Clock(ReadOnlySpan<byte> text)
    {
        if (text.Length < 8 || text[2] != (byte)':' || text[5] != (byte)':') return Refused;
        if (!TryNumber(text[..2], out int hour) || hour > 23) return Refused;
        if (!TryNumber(text[3..5], out int minute) || minute > 59) return Refused;
        if (!TryNumber(text[6..8], out int second) || second > 60) return Refused;
        if (text.Length == 8 || text[8] != (byte)'.') return 8;
        int digits = text[9..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        if (digits < 0) digits = text.Length - 9;
        return digits == 0 ? Refused : 9 + digits;
    }

    private static bool IsZone(ReadOnlySpan<byte> text)
    {
        if (text.Length == 1) return text[0] == (byte)'Z';
        if (text.Length != 6 || text[0] is not ((byte)'+' or (byte)'-') || text[3] != (byte)':') return false;
        if (!TryNumber(text[1..3], out int hour) || !TryNumber(text[4..6], out int minute)) return false;
        return hour < 14 ? minute < 60 : hour == 14 && minute == 0;
    }

    private static bool TryNumber(ReadOnlySpan<byte> digits, out int value)
    {
        value = 0;
        foreach (byte b in digits)
        {
            if (b is < (byte)'0' or > (byte)'9') return false;
            value = value * 10 + b - '0';
        }

        return true;
    }
}
