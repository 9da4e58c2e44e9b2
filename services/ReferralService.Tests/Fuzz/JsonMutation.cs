using System.Text;
using System.Text.Json;

namespace ReferralService.Tests.Fuzz;

/// <summary>JSON that stays JSON: a value put in the place of another, a member renamed, an item doubled or left out. So the readers behind the tokenizer meet what no schema allows.</summary>
internal static class JsonMutation
{
    private static readonly byte[][] Values =
    [
        .. new[]
        {
            "null", "true", "0", "-0", "1.00", "1e400", "-1e-400", "9007199254740993", "2147483648", "123456789012345678901234567890", "\"\"", "\" \"", "[]", "{}", "[null]", "[[]]", "[{}]", "{\"a\":[{\"b\":{}}]}",
            "\"#\"", "\"#c\"", "\"Patient/1\"", "\"ServiceRequest/1/_history/2\"", "\"https://ehr.example.org/fhir/ServiceRequest/9\"", "\"urn:uuid:6ba7b811-9dad-11d1-80b4-00c04fd430c8\"", "\"Patient?identifier=x|1\"", "\"../x\"", "\"_history\"", "\"%2e%2e\"",
            "\"\\ud83e\\uddea\\u00e9\\\"\\\\\\/\\n\"", "\"a\\u000d\\u000ab\"", "\"\\u202e\"", "\"2026\"", "\"2026-13-45T99:99:99Z\"", "\"0001-01-01T00:00:00+14:00\"", "\"9999-12-31\"", "\"active\"", "\"201 Created\"", "\"2o1\"", "\"-99\"", "\"event-notification\"",
            "\"Bundle\"", "\"ServiceRequest\"", "\"Parameters\"", "\"OperationOutcome\"", "\"Nonsense\"", "\"searchset\"", "\"next\"", "\"outcome\"",
            "{\"reference\":\"Patient/1\"}", "{\"reference\":[\"Patient/1\"]}", "{\"reference\":{\"reference\":\"a\"}}", "{\"resourceType\":\"Patient\",\"id\":\"x\"}", "{\"resourceType\":\"Basic\",\"reference\":\"Patient/1\",\"contained\":[{\"resourceType\":\"Basic\",\"contained\":[{}]}]}",
            "{\"url\":\"Binary/1\",\"contentType\":\"a/b\"}", "{\"status\":\"generated\",\"div\":\"<div><a href='Patient/1'>x</a><img src=\\\"Binary/2\\\"/><!-- <a href='x'\"}", "{\"div\":\"<a href=Patient/1 HREF = '&#x50;atient/2'><![CDATA[<a href='y'>]]>\"}", "{\"coding\":[{\"system\":\"s\",\"code\":\"c\"}],\"text\":\"t\"}",
        }.Select(Encoding.UTF8.GetBytes),
        Encoding.UTF8.GetBytes(new string('[', 62) + new string(']', 62)),
    ];

    private static readonly byte[][] Names =
        [.. new[] { "id", "resourceType", "meta", "versionId", "reference", "url", "contentType", "text", "div", "extension", "language", "contained", "entry", "resource", "fullUrl", "link", "relation", "response", "status", "outcome", "issue", "code", "type", "value", "valueReference", "part", "parameter", "name", "\\u0069d", "resourceT\\u0079pe", "", "a b", "é", "command", "ehr" }
            .Select(name => Encoding.UTF8.GetBytes($"\"{name}\""))];

    /// <summary>Null where the seed is no JSON.</summary>
    public static byte[]? Of(byte[] seed, IReadOnlyList<byte[]> corpus, Dice dice)
    {
        var json = seed;
        for (int rounds = 1 + dice.Below(4); rounds > 0; rounds--)
        {
            if (Parts(json) is not { Count: > 0 } parts) return json == seed ? null : json;
            var (start, end, isName) = dice.Of(parts);
            byte[] with = isName ? dice.Of(Names)
                : dice.Below(6) switch
                {
                    // Another value of the same message, or of another one.
                    0 => Value(json, parts, dice) ?? json[start..end],
                    1 => Foreign(corpus, dice) ?? json[start..end],
                    2 => [(byte)'[', .. json[start..end], (byte)',', .. json[start..end], (byte)']'],
                    _ => dice.Of(Values),
                };
            json = [.. json[..start], .. with, .. json[end..]];
        }

        return json;
    }

    private static byte[]? Foreign(IReadOnlyList<byte[]> corpus, Dice dice)
        => dice.Of(corpus) is var other && Parts(other) is { Count: > 0 } parts ? Value(other, parts, dice) : null;

    private static byte[]? Value(byte[] json, List<(int Start, int End, bool IsName)> parts, Dice dice)
        => dice.Of(parts) is { IsName: false } part ? json[part.Start..part.End] : null;

    /// <summary>Where each name and each value stands, quotes and brackets with it.</summary>
    private static List<(int Start, int End, bool IsName)>? Parts(byte[] json)
    {
        var parts = new List<(int, int, bool)>();
        var open = new Stack<int>();
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 500 });
        try
        {
            while (reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.StartObject or JsonTokenType.StartArray:
                        open.Push((int)reader.TokenStartIndex);
                        break;
                    case JsonTokenType.EndObject or JsonTokenType.EndArray:
                        parts.Add((open.Pop(), (int)reader.BytesConsumed, false));
                        break;
                    case JsonTokenType.PropertyName:
                        parts.Add(((int)reader.TokenStartIndex, (int)reader.TokenStartIndex + reader.ValueSpan.Length + 2, true));
                        break;
                    default:
                        parts.Add(((int)reader.TokenStartIndex, (int)reader.BytesConsumed, false));
                        break;
                }
            }
        }
        catch (JsonException)
        {
            return null;
        }

        return parts;
    }
}
