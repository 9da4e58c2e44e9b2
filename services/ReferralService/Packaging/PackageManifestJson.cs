using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace ReferralService.Packaging;

/// <summary>The manifest as it is kept in the vault and shown (interfaces §6): camelCase, without reflection; its long list without an object for each line.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PackageManifest))]
internal sealed partial class PackageManifestJson : JsonSerializerContext
{
    /// <summary>What is written is handed on when it is so long.</summary>
    private const int Piece = 32 * 1024;

    /// <summary>How the serializer would write all of it: what <see cref="WriteAsync"/> writes is the same, byte for byte.</summary>
    internal static readonly PackageManifestJson Readable = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public static async Task WriteAsync(Stream output, PackageManifest manifest, CancellationToken cancellationToken)
    {
        using var written = new PooledBytes(2 * Piece);
        await using var json = new Utf8JsonWriter(written, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });
        json.WriteStartObject();
        var members = Readable.PackageManifest.Properties;
        for (int i = 0; i < members.Count; i++)
        {
            var member = members[i];
            json.WritePropertyName(member.Name);
            if (member.Get!(manifest) is ManifestItems items) await WriteItemsAsync(items, json, written, output, cancellationToken);
            else WriteMember(json, manifest, member);
        }

        json.WriteEndObject();
        await json.FlushAsync(cancellationToken);
        await output.WriteAsync(written.Memory, cancellationToken);
    }

    private static void WriteMember(Utf8JsonWriter json, PackageManifest manifest, JsonPropertyInfo member)
        => JsonSerializer.Serialize(json, member.Get!(manifest), Readable.GetTypeInfo(member.PropertyType)!);

    private static async ValueTask WriteItemsAsync(ManifestItems items, Utf8JsonWriter json, PooledBytes written, Stream output, CancellationToken cancellationToken)
    {
        json.WriteStartArray();
        for (int i = 0; i < items.Count; i++)
        {
            ManifestItemJson.Write(json, items.EntryAt(i));
            if (json.BytesPending + written.Length < Piece) continue;
            await json.FlushAsync(cancellationToken);
            await output.WriteAsync(written.Memory, cancellationToken);
            written.CutTo(0);
        }

        json.WriteEndArray();
    }
}
