using System.Collections.Frozen;
using System.Security.Cryptography;

namespace ReferralService.Ops.Published;

/// <summary>A file of <c>contracts/</c> as it was when this program was built.</summary>
/// <param name="Path">Below <c>contracts/</c>, e.g. <c>schemas/status-event.json</c>.</param>
/// <param name="Tag">Its ETag: the quoted SHA-256 of its bytes.</param>
internal sealed record PublishedFile(string Path, string ContentType, ReadOnlyMemory<byte> Bytes, string Tag)
{
    private const string Folder = "contracts/";

    /// <summary>All there are, by path. An address is looked up here and nowhere else, so that none leads out of the folder.</summary>
    public static FrozenDictionary<string, PublishedFile> All { get; } = Load();

    private static FrozenDictionary<string, PublishedFile> Load()
    {
        var assembly = typeof(PublishedFile).Assembly;
        return assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Folder, StringComparison.Ordinal))
            .Select(name => Of(name[Folder.Length..], Read(assembly.GetManifestResourceStream(name)!)))
            .ToFrozenDictionary(file => file.Path, StringComparer.Ordinal);
    }

    private static PublishedFile Of(string path, byte[] bytes) => new(path, TypeOf(path), bytes, $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes))}\"");

    private static byte[] Read(Stream resource)
    {
        using (resource)
        {
            var bytes = new byte[resource.Length];
            resource.ReadExactly(bytes);
            return bytes;
        }
    }

    /// <summary>YAML by RFC 9512; a schema by JSON Schema's own name for itself.</summary>
    private static string TypeOf(string path)
        => path.EndsWith(".yaml", StringComparison.Ordinal) ? "application/yaml"
            : path.StartsWith("schemas/", StringComparison.Ordinal) ? "application/schema+json"
            : "application/json";
}
