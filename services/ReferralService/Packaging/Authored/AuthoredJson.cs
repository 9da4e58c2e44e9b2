using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using ReferralService.Fhir.Resources;

namespace ReferralService.Packaging.Authored;

/// <summary>The shapes our own resources are made of.</summary>
internal static class AuthoredJson
{
    public const string UriSystem = "urn:ietf:rfc:3986", Loinc = "http://loinc.org", ReferralNote = "57133-1", ReferralNoteDisplay = "Referral note";

    /// <summary>Longer addresses are written by way of a string.</summary>
    public const int MostOnStack = 1024;

    /// <summary>The JSON stands in a JSON file, never inside HTML: letters stay letters.</summary>
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private static readonly JsonEncodedText Div = JsonEncodedText.Encode("div"), Reference = JsonEncodedText.Encode("reference");

    /// <summary>Writes one resource: type, id and narrative, then what <paramref name="elements"/> adds.</summary>
    public static void WriteResource(IBufferWriter<byte> output, string type, Guid id, Narrative text, Action<Utf8JsonWriter> elements, IReadOnlyList<CodingView>? security = null)
    {
        using var json = new Utf8JsonWriter(output, Options);
        json.WriteStartObject();
        json.WriteString("resourceType", type);
        json.WriteString("id", id.ToString("D"));
        if (security is { Count: > 0 }) WriteSecurity(json, security);
        WriteText(json, text);
        elements(json);
        json.WriteEndObject();
    }

    private static void WriteSecurity(Utf8JsonWriter json, IReadOnlyList<CodingView> security)
    {
        json.WriteStartObject("meta");
        json.WriteStartArray("security");
        foreach (var (system, code, display) in security)
        {
            json.WriteStartObject();
            json.WriteString("system", system);
            json.WriteString("code", code);
            if (display is not null) json.WriteString("display", display);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void WriteText(Utf8JsonWriter json, Narrative narrative)
    {
        json.WriteStartObject("text");
        json.WriteString("status", "generated");
        narrative.WriteTo(json, Div);
        json.WriteEndObject();
    }

    public static void WriteConcept(Utf8JsonWriter json, string name, string system, string code, string? display, string? text = null)
    {
        json.WriteStartObject(name);
        json.WriteStartArray("coding");
        json.WriteStartObject();
        json.WriteString("system", system);
        json.WriteString("code", code);
        if (display is not null) json.WriteString("display", display);
        json.WriteEndObject();
        json.WriteEndArray();
        if (text is not null) json.WriteString("text", text);
        json.WriteEndObject();
    }

    public static void WriteReference(Utf8JsonWriter json, string name, string url)
    {
        json.WriteStartObject(name);
        json.WriteString("reference", url);
        json.WriteEndObject();
    }

    /// <summary>An item of an array of references, or of identifiers by <see cref="WriteUrnIdentifier"/>.</summary>
    public static void WriteReference(Utf8JsonWriter json, string url)
    {
        json.WriteStartObject();
        json.WriteString(Reference, url);
        json.WriteEndObject();
    }

    /// <summary>The same to an entry of the package, without a string for it.</summary>
    public static void WriteReference(Utf8JsonWriter json, PackageEntry entry)
    {
        if (!entry.IsOfTheEhr || entry.MostUrlBytes > MostOnStack)
        {
            WriteReference(json, entry.FullUrl);
            return;
        }

        Span<byte> url = stackalloc byte[MostOnStack];
        json.WriteStartObject();
        json.WriteString(Reference, url[..entry.WriteFullUrl(url)]);
        json.WriteEndObject();
    }

    public static void WriteUrnIdentifier(Utf8JsonWriter json, Guid value)
    {
        json.WriteString("system", UriSystem);
        json.WriteString("value", AuthoredIds.Urn(value));
    }

    public static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
