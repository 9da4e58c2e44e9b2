using System.Text;
using System.Text.Json;

namespace ReferralService.Sandbox.Repository;

/// <summary>A member of a JSON object: where its value stands in the object's bytes.</summary>
internal readonly record struct JsonMember(string Name, int Start, int Length);

/// <summary>Looks into JSON and changes it without touching any byte that need not change.</summary>
internal static class JsonSplice
{
    /// <summary>The members of the outermost object, in their order.</summary>
    /// <exception cref="JsonException">Not a JSON object, something behind it, or deeper than 64.</exception>
    public static List<JsonMember> Members(ReadOnlySpan<byte> json)
    {
        var members = new List<JsonMember>();
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 64 });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) throw new JsonException("Not a JSON object.");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            members.Add(new JsonMember(name, start, (int)reader.BytesConsumed - start));
        }
        if (reader.Read()) throw new JsonException("Something follows the object.");
        return members;
    }

    /// <summary>The object with these members set (value as raw JSON): replaced where they stand, else added behind <c>resourceType</c>.</summary>
    public static byte[] WithMembers(ReadOnlySpan<byte> json, params ReadOnlySpan<(string Name, string RawValue)> set)
    {
        var members = Members(json);
        var cuts = new List<(int Start, int Length, string Text)>();
        var added = new StringBuilder();
        foreach (var (name, raw) in set)
        {
            var at = members.FindIndex(m => m.Name == name);
            if (at >= 0) cuts.Add((members[at].Start, members[at].Length, raw));
            else added.Append(",\"").Append(name).Append("\":").Append(raw);
        }
        var type = members.FindIndex(m => m.Name == "resourceType");
        if (added.Length > 0) cuts.Add((members[type].Start + members[type].Length, 0, added.ToString()));
        return Apply(json, cuts);
    }

    /// <summary>The object without this member.</summary>
    public static byte[] Without(ReadOnlySpan<byte> json, string name)
    {
        var kept = new StringBuilder();
        foreach (var member in Members(json).Where(m => m.Name != name))
            kept.Append(kept.Length == 0 ? '{' : ',').Append(Quoted(member.Name)).Append(':').Append(Encoding.UTF8.GetString(json.Slice(member.Start, member.Length)));
        return Encoding.UTF8.GetBytes(kept.Append('}').ToString());
    }

    /// <summary>The JSON with every string value that <paramref name="replace"/> answers for replaced; all else byte for byte.</summary>
    /// <param name="replace">Gets the property's name and the text without escapes; null leaves it.</param>
    public static byte[] WithStrings(ReadOnlySpan<byte> json, Func<string, string, string?> replace)
    {
        var cuts = new List<(int Start, int Length, string Text)>();
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 64 });
        var property = "";
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName) property = reader.GetString()!;
            if (reader.TokenType != JsonTokenType.String || reader.ValueSpan.Length > 1_000_000) continue;
            if (replace(property, reader.GetString()!) is not { } text) continue;
            cuts.Add(((int)reader.TokenStartIndex, (int)(reader.BytesConsumed - reader.TokenStartIndex), Quoted(text)));
        }
        return Apply(json, cuts);
    }

    public static string Quoted(string text) => $"\"{JsonEncodedText.Encode(text, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";

    private static byte[] Apply(ReadOnlySpan<byte> json, List<(int Start, int Length, string Text)> cuts)
    {
        cuts.Sort((a, b) => a.Start.CompareTo(b.Start));
        var output = new MemoryStream(json.Length + 128);
        var from = 0;
        foreach (var (start, length, text) in cuts)
        {
            output.Write(json[from..start]);
            output.Write(Encoding.UTF8.GetBytes(text));
            from = start + length;
        }
        output.Write(json[from..]);
        return output.ToArray();
    }
}
