using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using ReferralService.Fhir.Json;
using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering;

/// <summary>Looks whether the files inside a resource are what they say they are, as far as that can be told without opening them: base64 that is some, a hash that fits.</summary>
/// <remarks>What is found is told in the manifest; the resource is carried as it came. Files beyond 64 KiB, which stream past, are not looked at.</remarks>
internal static class AttachmentCheck
{
    private static readonly HashSet<string> Elements = new(StringComparer.Ordinal) { "attachment", "content", "image", "photo", "presentedForm", "valueAttachment" };

    /// <summary>Paths without indexes of the files that are not what they say; empty when there are none.</summary>
    public static IReadOnlyList<string> BadContent(RawResource resource)
    {
        if (resource.Cuts.Count > 0) return [];
        var reader = resource.Reader();
        reader.Read();
        if (!AnyBad(ref reader, resource.Type == "Binary")) return [];

        // Only what is told is looked for with its path.
        using var document = JsonDocument.Parse(resource.Utf8);
        var bad = new List<string>();
        if (resource.Type == "Binary" && IsBad(document.RootElement)) bad.Add("data");
        Visit(document.RootElement, "", "", bad);
        return bad;
    }

    /// <summary>Goes through the object or array stood on.</summary>
    /// <param name="isFile">The object is one, as far as its name tells.</param>
    private static bool AnyBad(ref TokenReader reader, bool isFile)
    {
        bool isArray = reader.TokenType == JsonTokenType.StartArray;
        TokenReader data = default, hash = default;
        while (reader.Read() && reader.TokenType is not (JsonTokenType.EndObject or JsonTokenType.EndArray))
        {
            bool inner = isFile;
            if (!isArray)
            {
                inner = NamesFile(in reader);
                bool isData = reader.ValueTextEquals("data"u8), isHash = reader.ValueTextEquals("hash"u8);
                reader.Read();
                if (isData) data = reader;
                if (isHash) hash = reader;
            }

            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray && AnyBad(ref reader, inner)) return true;
        }

        return !isArray && isFile && data.TokenType != JsonTokenType.None && MayBeBad(in data, in hash);
    }

    private static bool NamesFile(ref readonly TokenReader name)
        => name.ValueSpan.Length is 5 or 7 or 10 or 13 or 15 || name.ValueIsEscaped ? Elements.Contains(name.GetString()!) : false;

    /// <summary>False: nothing is wrong with it. A hash is compared where all of the file is at hand.</summary>
    private static bool MayBeBad(ref readonly TokenReader data, ref readonly TokenReader hash)
        => data.TokenType != JsonTokenType.String || data.ValueIsEscaped || hash.TokenType != JsonTokenType.None || !Base64.IsValid(data.ValueSpan);

    private static void Visit(JsonElement element, string name, string path, List<string> bad)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray()) Visit(item, name, path, bad);
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            if (Elements.Contains(name) && IsBad(element) && !bad.Contains(path)) bad.Add(path);
            foreach (var member in element.EnumerateObject()) Visit(member.Value, member.Name, path.Length == 0 ? member.Name : $"{path}.{member.Name}", bad);
        }
    }

    private static bool IsBad(JsonElement file)
    {
        if (!file.TryGetProperty("data", out var data)) return false;
        if (data.ValueKind != JsonValueKind.String || data.GetString() is not { } text || !Base64.IsValid(text)) return true;
        if (!file.TryGetProperty("hash", out var hash)) return false;
        // R4 Attachment.hash is SHA-1; it is no protection here, only what the sender says of its own file.
        byte[] content = Convert.FromBase64String(text);
        return hash.ValueKind != JsonValueKind.String || hash.GetString() != Convert.ToBase64String(Sha1(content));
    }

    private static byte[] Sha1(byte[] content)
    {
        using var sha1 = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        sha1.AppendData(content);
        return sha1.GetHashAndReset();
    }
}
