using System.Globalization;
using System.Text.Json;

namespace ReferralService.Terminal;

/// <summary>What comes from elsewhere, fit for a terminal: nothing in it that a terminal would obey.</summary>
internal static class PlainText
{
    public const string None = "-";

    /// <param name="longest">More is cut off, and an ellipsis says so.</param>
    public static string Of(string text, int longest = 400)
    {
        var shown = string.Concat(text.Take(longest).Select(c => char.IsControl(c) || char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator ? '?' : c));
        return text.Length > longest ? shown + "…" : shown;
    }

    /// <summary>A member of an answer: its text, or <c>-</c> where there is none.</summary>
    public static string Of(JsonElement element, string member)
        => Find(element, member) is not { } value ? None
            : value.ValueKind == JsonValueKind.String ? Of(value.GetString()!)
            : Of(value.GetRawText());

    /// <summary>Null where the member is not there, or null.</summary>
    public static JsonElement? Find(JsonElement element, string member)
        => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(member, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>An instant in UTC, to the second: <c>2026-11-22 10:00:00Z</c>.</summary>
    public static string Instant(JsonElement element, string member)
        => Find(element, member) is { ValueKind: JsonValueKind.String } value && value.TryGetDateTimeOffset(out var at)
            ? at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture)
            : None;

    public static string Bytes(long bytes) => bytes switch
    {
        < 10_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
        < 10_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1000.0:F0} kB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1_000_000.0:F0} MB"),
    };
}
