using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ReferralService.Sandbox.Repository;

/// <summary>One version of a resource: its bytes exactly as they are served, and what searches look at.</summary>
/// <param name="Deleted">A version without content: reading it is 410.</param>
internal sealed record StoredResource(
    string Type, string Id, string Version, DateTimeOffset LastUpdated, ReadOnlyMemory<byte> Utf8, IndexedValue[] Index, bool Deleted = false)
{
    public string Key => $"{Type}/{Id}";

    public string ETag => $"W/\"{Version}\"";

    /// <summary>The patient it belongs to as <c>Patient/id</c>; null when it is nobody's.</summary>
    public string? Patient => Array.Find(Index, v => v.Parameter.Name == "patient").Text;

    public static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Takes bytes as they are; version and time are those they tell themselves, else the ones given.</summary>
    /// <exception cref="JsonException">Not a JSON object with a resourceType and an id.</exception>
    public static StoredResource Take(ReadOnlyMemory<byte> utf8, string otherwiseVersion, DateTimeOffset otherwiseUpdated)
    {
        var members = JsonSplice.Members(utf8.Span);
        var type = Text(utf8, members, "resourceType") ?? throw new JsonException("No resourceType.");
        var id = Text(utf8, members, "id") ?? throw new JsonException("No id.");
        string? version = null, updated = null;
        if (members.Find(m => m.Name == "meta") is { Name: not null } meta)
        {
            using var document = JsonDocument.Parse(utf8.Slice(meta.Start, meta.Length));
            version = document.RootElement.TryGetProperty("versionId", out var v) ? v.GetString() : null;
            updated = document.RootElement.TryGetProperty("lastUpdated", out var u) ? u.GetString() : null;
        }
        var at = updated is null ? otherwiseUpdated : DateRange.Parse(updated)?.Start ?? throw new JsonException("meta.lastUpdated is no instant.");
        return new StoredResource(type, id, version ?? otherwiseVersion, at, utf8, SearchIndex.Of(type, utf8, members));
    }

    /// <summary>The bytes with a server's own id, version and time in them; of meta all else stays.</summary>
    public static byte[] Stamp(ReadOnlySpan<byte> utf8, string id, string version, DateTimeOffset updated)
    {
        var members = JsonSplice.Members(utf8);
        var meta = members.Find(m => m.Name == "meta");
        var facts = $"\"versionId\":\"{version}\",\"lastUpdated\":\"{Instant(updated)}\"";
        var rest = new StringBuilder();
        if (meta.Name is not null)
        {
            var inside = utf8.Slice(meta.Start, meta.Length);
            foreach (var member in JsonSplice.Members(inside))
            {
                if (member.Name is "versionId" or "lastUpdated") continue;
                rest.Append(",\"").Append(member.Name).Append("\":").Append(Encoding.UTF8.GetString(inside.Slice(member.Start, member.Length)));
            }
        }
        return JsonSplice.WithMembers(utf8, ("id", JsonSplice.Quoted(id)), ("meta", $"{{{facts}{rest}}}"));
    }

    /// <summary>Only these top-level elements, with id, meta and the tag SUBSETTED (R4 search.html#elements).</summary>
    public byte[] Subset(IReadOnlyList<string> elements)
    {
        var subset = new StringBuilder($"{{\"resourceType\":\"{Type}\",\"id\":{JsonSplice.Quoted(Id)},\"meta\":{{\"versionId\":\"{Version}\",\"lastUpdated\":\"{Instant(LastUpdated)}\",")
            .Append("\"tag\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/v3-ObservationValue\",\"code\":\"SUBSETTED\"}]}");
        foreach (var member in JsonSplice.Members(Utf8.Span).Where(m => elements.Contains(m.Name.TrimStart('_')) && m.Name is not ("resourceType" or "id" or "meta")))
            subset.Append(",\"").Append(member.Name).Append("\":").Append(Encoding.UTF8.GetString(Utf8.Span.Slice(member.Start, member.Length)));
        return Encoding.UTF8.GetBytes(subset.Append('}').ToString());
    }

    public static string? Text(ReadOnlyMemory<byte> utf8, List<JsonMember> members, string name)
    {
        var member = members.Find(m => m.Name == name);
        if (member.Name is null || utf8.Span[member.Start] != (byte)'"') return null;
        return JsonSerializer.Deserialize<string>(utf8.Span.Slice(member.Start, member.Length));
    }
}
