using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ReferralService.Packaging;

/// <summary>The manifest as it is kept in the vault and shown (interfaces §6): camelCase, without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PackageManifest))]
internal sealed partial class PackageManifestJson : JsonSerializerContext
{
    private static readonly PackageManifestJson Readable = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public static Task WriteAsync(Stream output, PackageManifest manifest, CancellationToken cancellationToken)
        => JsonSerializer.SerializeAsync(output, manifest, Readable.PackageManifest, cancellationToken);
}
