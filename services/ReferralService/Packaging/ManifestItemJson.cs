using System.Buffers.Binary;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ReferralService.Gathering;

namespace ReferralService.Packaging;

/// <summary>Writes one line of the manifest from the entry itself, as the serializer writes a <see cref="ManifestItem"/>: no object, no text of its own.</summary>
internal static class ManifestItemJson
{
    /// <summary>Longer addresses and reasons are written by way of a string.</summary>
    private const int Short = 1024;

    private static readonly JsonEncodedText FullUrl = Name("fullUrl"), Source = Name("source"), VersionId = Name("versionId"), LastUpdated = Name("lastUpdated"), Sha256 = Name("sha256"),
        Bytes = Name("bytes"), Reasons = Name("reasons"), Status = Name("status"), AlsoAt = Name("alsoAt");

    public static void Write(Utf8JsonWriter json, PackageEntry entry)
    {
        var resource = entry.Resource;
        json.WriteStartObject();
        WriteUrls(json, entry);
        json.WriteString(VersionId, resource.VersionId);
        json.WriteString(LastUpdated, resource.LastUpdated);
        WriteDigest(json, resource.Sha256);
        json.WriteNumber(Bytes, resource.Length);
        json.WriteStartArray(Reasons);
        WriteReasons(json, resource.Reasons);
        json.WriteEndArray();
        json.WriteString(Status, resource.Standing);
        if (entry.AlsoAt is { } also)
        {
            json.WriteStartArray(AlsoAt);
            foreach (string url in also) json.WriteStringValue(url);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteUrls(Utf8JsonWriter json, PackageEntry entry)
    {
        if (!entry.IsOfTheEhr || entry.MostUrlBytes > Short)
        {
            json.WriteString(FullUrl, entry.ShownUrl);
            json.WriteString(Source, entry.Source);
            return;
        }

        Span<byte> url = stackalloc byte[Short];
        json.WriteString(FullUrl, url[..entry.WriteFullUrl(url)]);
        json.WriteString(Source, url[..entry.WriteSource(url)]);
    }

    private static void WriteDigest(Utf8JsonWriter json, BodyDigest digest)
    {
        Span<byte> bytes = stackalloc byte[32], hex = stackalloc byte[64];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, digest.First);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], digest.Second);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[16..], digest.Third);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[24..], digest.Fourth);
        Convert.TryToHexStringLower(bytes, hex, out _);
        json.WriteString(Sha256, hex);
    }

    /// <summary>Each once, in the order of what is said: gathering keeps them by rule and then by where they come from, which is nearly always the same.</summary>
    private static void WriteReasons(Utf8JsonWriter json, IReadOnlyList<InclusionReason> reasons)
    {
        if (!AreInOrder(reasons))
        {
            foreach (string reason in reasons.Select(ManifestItem.Say).Distinct().Order(StringComparer.Ordinal)) json.WriteStringValue(reason);
            return;
        }

        for (int i = 0; i < reasons.Count; i++) WriteReason(json, reasons[i]);
    }

    private static bool AreInOrder(IReadOnlyList<InclusionReason> reasons)
    {
        if (reasons.Count == 1) return true;
        for (int i = 0; i < reasons.Count; i++)
        {
            if (reasons[i].From is not null || (i > 0 && string.CompareOrdinal(reasons[i - 1].Rule, reasons[i].Rule) >= 0)) return false;
        }

        return true;
    }

    private static void WriteReason(Utf8JsonWriter json, InclusionReason reason)
    {
        if (reason.From is not { } from)
        {
            json.WriteStringValue(reason.Rule);
            return;
        }

        if (3 * (reason.Rule.Length + from.Length + 1) > Short)
        {
            json.WriteStringValue(ManifestItem.Say(reason));
            return;
        }

        Span<byte> said = stackalloc byte[Short];
        int length = Encoding.UTF8.GetBytes(reason.Rule, said);
        " < "u8.CopyTo(said[length..]);
        length += 3;
        json.WriteStringValue(said[..(length + Encoding.UTF8.GetBytes(from, said[length..]))]);
    }

    private static JsonEncodedText Name(string name) => JsonEncodedText.Encode(name, JavaScriptEncoder.UnsafeRelaxedJsonEscaping);
}
