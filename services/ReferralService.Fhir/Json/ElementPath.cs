using System.Buffers;
using System.Text;
using System.Text.Json;

namespace ReferralService.Fhir.Json;

/// <summary>Element paths for error reports, worked out only when something is wrong.</summary>
internal static class ElementPath
{
    /// <summary>Longest name R4 gives an element, with room to spare.</summary>
    private const int MaxName = 48;

    private static readonly SearchValues<byte> OfNames = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"u8);

    /// <summary>Adds a name. What does not look like an element's name is shown as <c>?</c>: a sender may have put anything in a key.</summary>
    public static void Append(StringBuilder path, ReadOnlySpan<byte> name)
    {
        if (path.Length > 0) path.Append('.');
        if (name.Length is 0 or > MaxName || !(char.IsAsciiLetterLower((char)name[0]) || name[0] == (byte)'_'))
        {
            path.Append('?');
            return;
        }

        foreach (byte b in name[1..])
        {
            if (char.IsAsciiLetterOrDigit((char)b)) continue;
            path.Append('?');
            return;
        }

        path.Append(Encoding.ASCII.GetString(name));
    }

    /// <summary>The same into bytes; false when there is no room.</summary>
    public static bool TryAppend(Span<byte> path, ref int length, ReadOnlySpan<byte> name)
    {
        if (path.Length - length < MaxName + 1) return false;
        if (length > 0) path[length++] = (byte)'.';
        if (name.Length is 0 or > MaxName || !(char.IsAsciiLetterLower((char)name[0]) || name[0] == (byte)'_') || name[1..].ContainsAnyExcept(OfNames)) name = "?"u8;
        name.CopyTo(path[length..]);
        length += name.Length;
        return true;
    }

    /// <summary>The path of the token at an offset of well-formed JSON, found by reading up to it again.</summary>
    /// <param name="root">What to begin with, usually the resource's type.</param>
    public static string At(ReadOnlySpan<byte> json, long offset, string root)
    {
        var names = new List<string?>();
        var reader = new Utf8JsonReader(json, JsonGuard.ReaderOptions);
        while (reader.Read() && reader.TokenStartIndex <= offset)
        {
            int depth = reader.CurrentDepth;
            if (names.Count > depth + 1) names.RemoveRange(depth + 1, names.Count - depth - 1);
            while (names.Count <= depth) names.Add(null);
            if (reader.TokenType != JsonTokenType.PropertyName) continue;
            var name = new StringBuilder();
            Append(name, reader.ValueSpan);
            names[depth] = name.ToString();
        }

        return string.Join('.', names.Prepend(root).Where(n => n is not null));
    }
}
