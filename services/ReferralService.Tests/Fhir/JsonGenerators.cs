using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace ReferralService.Tests.Fhir;

/// <summary>Resources as odd as JSON and R4 allow: any nesting, escapes, white space, and the names that mean something to the scanner in all the wrong places.</summary>
internal static class JsonGenerators
{
    private static readonly string[] Names =
    [
        "reference", "url", "contentType", "text", "div", "extension", "language", "subject", "result", "attachment", "valueAttachment", "content",
        "id2", "meta2", "code", "_birthDate", "value", "coding", "identifier", "contained", "entry", "link", "search", "status", "category",
    ];

    private static readonly string[] Pieces =
    [
        "", "a", "é", "🧪", "\\n", "\\\"", "\\\\", "\\/", "\\u00e9", "\\ud83e\\uddea", "<", ">", "&amp;", "{", "[", ",", ":", "Patient/1",
        "https://e.example/fhir/Observation/2/_history/1", "urn:uuid:6ba7b811-9dad-11d1-80b4-00c04fd430c8", "#c", "Practitioner?identifier=x",
        "<a href=\\\"Patient/3\\\">x</a>", "<img src='Binary\\/4'/>", "\\u003ca href=\\u0022Group/5\\u0022\\u003e", "<!-- <a href='List/6'> -->",
    ];

    private static readonly Gen<string> Space = Gen.Elements("", "", "", " ", "\n\t", "\r\n  ");

    private static readonly Gen<string> String =
        UpTo(4, Gen.Elements(Pieces)).Select(pieces => $"\"{string.Concat(pieces)}\"");

    private static readonly Gen<string> Leaf = Gen.OneOf(
        String, String, Gen.Elements("1.00", "0.010", "-0.0", "1e400", "123456789012345678901234567890", "true", "false", "null", "[]", "{}"));

    public static Gen<string> Resource { get; } =
        from type in Gen.Elements("Observation", "Patient", "Basic", "Vendor2")
        from members in Members(3)
        from first in Gen.Elements(true, false)
        from space in Space
        let header = $"\"resourceType\":{space}\"{type}\",\"id\":{space}\"x.{members.Length}\""
        select "{" + (members.Length == 0 ? header : first ? $"{header}{space},{members}" : $"{members}{space},{header}") + space + "}";

    /// <summary>A searchset of such resources, its elements and those of its entries in any order.</summary>
    public static Gen<(string Page, string[] Resources)> Page { get; } =
        from resources in UpTo(5, Resource)
        from flips in Gen.Elements(true, false).ArrayOf(resources.Length + 1)
        from space in Space
        let entries = resources.Select((r, i) => flips[i]
            ? $"{{\"resource\":{space}{r},\"fullUrl\":\"https://e/{i}\",\"search\":{{\"mode\":\"match\"}}}}"
            : $"{{\"search\":{{\"mode\":\"match\"}}{space},\"fullUrl\":\"https://e/{i}\",\"resource\":{r}{space}}}")
        let list = $"\"entry\":{space}[{string.Join("," + space, entries)}]"
        let rest = "\"resourceType\":\"Bundle\",\"type\":\"searchset\",\"link\":[{\"relation\":\"next\",\"url\":\"n\"}]"
        select ($"{space}{{{(flips[^1] ? $"{list},{rest}" : $"{rest},{list}")}}}{space}", resources);

    /// <summary>A few bytes overwritten, left out or put in, mostly with what means something to JSON.</summary>
    public static Gen<byte[]> Damaged(Gen<string> whole)
        => from text in whole
           from hits in Gen.Choose(0, 1_000_000).Two().ArrayOf(3)
           from count in Gen.Choose(1, 3)
           select Damage(Encoding.UTF8.GetBytes(text), hits.Take(count));

    private static Gen<string> Value(int depth)
        => depth == 0
            ? Leaf
            : Gen.Frequency(
                (3, Leaf),
                (3, from members in Members(depth - 1) from space in Space select $"{{{space}{members}{space}}}"),
                (2, from items in UpTo(3, Value(depth - 1)) from space in Space select $"[{space}{string.Join("," + space, items)}{space}]"));

    private static Gen<string> Members(int depth)
        => from names in Gen.Shuffle(Names)
           from values in UpTo(5, Value(depth))
           from escaped in Gen.Choose(0, 15).ArrayOf(values.Length)
           from space in Space
           select string.Join($"{space},", names.Take(values.Length).Select((name, i) => $"\"{(escaped[i] == 0 ? Escape(name) : name)}\":{space}{values[i]}"));

    private static Gen<T[]> UpTo<T>(int most, Gen<T> item) => Gen.Choose(0, most).SelectMany(count => item.ArrayOf(count));

    private static string Escape(string name) => $"\\u{(int)name[0]:x4}{name[1..]}";

    private static byte[] Damage(byte[] bytes, IEnumerable<(int At, int With)> hits)
    {
        var damaged = bytes.ToList();
        foreach (var (at, with) in hits)
        {
            byte[] meaning = "{}[]\",:\\u0d8eE+-.ntf \n\0/*<"u8.ToArray();
            byte put = with % 3 == 0 ? (byte)with : meaning[with % meaning.Length];
            int where = at % damaged.Count;
            if (with % 5 == 0) damaged.Insert(where, put);
            else if (with % 5 == 1 && damaged.Count > 1) damaged.RemoveAt(where);
            else if (with % 7 == 0) damaged.RemoveRange(where, damaged.Count - where - 1);
            else damaged[where] = put;
        }

        return [.. damaged];
    }
}
