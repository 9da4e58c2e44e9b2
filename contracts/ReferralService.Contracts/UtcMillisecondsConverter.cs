using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ReferralService.Contracts;

/// <summary>Instants as <c>2026-11-22T10:00:00.123Z</c>: always UTC, always milliseconds, so that texts sort as times do. Reads any RFC 3339 instant.</summary>
public sealed class UtcMillisecondsConverter : JsonConverter<DateTimeOffset>
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
    {
        Span<byte> text = stackalloc byte[24];
        value.UtcDateTime.TryFormat(text, out _, Format, CultureInfo.InvariantCulture);
        writer.WriteStringValue(text);
    }
}
