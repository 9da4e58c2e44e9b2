using System.Globalization;
using System.Text;

namespace ReferralService.Gathering;

/// <summary>FHIR's partial dates as upper bounds of when something was.</summary>
internal static class FhirDate
{
    /// <summary>No instant of FHIR's is longer; what is, .NET's parser may judge.</summary>
    private const int Longest = 40;

    // Dates carry no zone; the earth has them from UTC-12, where a day ends last.
    private static readonly TimeSpan WesternmostDay = TimeSpan.FromHours(12);

    /// <summary>The last instant that <c>YYYY</c>, <c>YYYY-MM</c>, <c>YYYY-MM-DD</c>, a dateTime or an instant may mean; null when it cannot be read.</summary>
    public static DateTimeOffset? Latest(string? text)
    {
        if (text is null) return null;
        Span<byte> ascii = stackalloc byte[Longest];
        if (Ascii.FromUtf16(text, ascii, out int length) != System.Buffers.OperationStatus.Done) return Parsed(text);
        return length > 10 && !DateDigits.TryInstant(ascii[..length], out _) ? Parsed(text) : Latest(ascii[..length]);
    }

    /// <param name="utf8">Escapes undone.</param>
    /// <inheritdoc cref="Latest(string?)"/>
    public static DateTimeOffset? Latest(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > 10) return DateDigits.TryInstant(utf8, out var instant) ? instant : Parsed(Encoding.UTF8.GetString(utf8));
        return DateDigits.TryDay(utf8, out int year, out int month, out int day) ? EndOf(year, month, day) : null;
    }

    /// <summary>When a year, month or day is over where it is over last.</summary>
    /// <param name="month">0: the year's end.</param>
    /// <param name="day">0: the month's end.</param>
    public static DateTimeOffset EndOf(int year, int month, int day)
    {
        if (year == DateTime.MaxValue.Year) return DateTimeOffset.MaxValue;
        var end = month == 0 ? new DateTime(year + 1, 1, 1) : day == 0 ? new DateTime(year, month, 1).AddMonths(1) : new DateTime(year, month, day).AddDays(1);
        return new DateTimeOffset(end, TimeSpan.Zero) + WesternmostDay;
    }

    /// <summary>meta.lastUpdated as an instant; null when absent or unreadable.</summary>
    public static DateTimeOffset? Instant(string? text)
    {
        if (text is not { Length: > 10 }) return null;
        Span<byte> ascii = stackalloc byte[Longest];
        return Ascii.FromUtf16(text, ascii, out int length) == System.Buffers.OperationStatus.Done && DateDigits.TryInstant(ascii[..length], out var instant) ? instant : Parsed(text);
    }

    /// <summary>What is written otherwise than FHIR says, as far as .NET understands it; null where nothing shorter than an instant was meant.</summary>
    private static DateTimeOffset? Parsed(string text)
        => text.Length > 10 && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant) ? instant : null;
}
