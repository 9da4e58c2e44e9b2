using System.Text.Json.Nodes;

namespace ReferralService.Tests.Contracts;

/// <summary>Reads the YAML that asyncapi.yaml is written in: block mappings, block sequences, one-line scalars, comments on lines of their own. All else is an error.</summary>
internal sealed class YamlReader
{
    private readonly List<(int Indent, string Text, int Number)> _lines;
    private int _next;

    private YamlReader(string text)
        => _lines = [.. text.Split('\n').Select((line, index) => (line.Length - line.TrimStart(' ').Length, line.Trim(), index + 1))
            .Where(line => line.Item2.Length > 0 && line.Item2[0] != '#')];

    public static JsonNode Read(string text)
    {
        var reader = new YamlReader(text);
        var root = reader.Block(0);
        return reader._next == reader._lines.Count ? root : throw reader.Wrong("is indented less than the document");
    }

    private JsonNode Block(int indent) => Here.Text.StartsWith("- ", StringComparison.Ordinal) ? Sequence(indent) : Mapping(indent);

    private JsonObject Mapping(int indent)
    {
        var mapping = new JsonObject();
        for (; AtIndent(indent); )
        {
            var (key, value) = Split(Here.Text);
            if (mapping.ContainsKey(key))
            {
                throw Wrong($"repeats {key}");
            }

            _next++;
            mapping[key] = value.Length > 0 ? Scalar(value) : Block(indent + 2);
        }

        return mapping;
    }

    private JsonArray Sequence(int indent)
    {
        var sequence = new JsonArray();
        for (; AtIndent(indent); )
        {
            var item = Here.Text[2..];
            if (item.Contains(": ", StringComparison.Ordinal))
            {
                _lines[_next] = (indent + 2, item, Here.Number);
                sequence.Add(Mapping(indent + 2));
            }
            else
            {
                sequence.Add(Scalar(item));
                _next++;
            }
        }

        return sequence;
    }

    private (int Indent, string Text, int Number) Here => _next < _lines.Count ? _lines[_next] : throw new FormatException("the document ends where a value is due");

    private bool AtIndent(int indent)
        => _next < _lines.Count && (_lines[_next].Indent == indent || (_lines[_next].Indent > indent ? throw Wrong("is indented more than its block") : false));

    private (string Key, string Value) Split(string text)
    {
        var colon = text.EndsWith(':') && !text.Contains(": ", StringComparison.Ordinal) ? text.Length - 1 : text.IndexOf(": ", StringComparison.Ordinal);
        return colon > 0 ? (text[..colon], text[(colon + 1)..].Trim()) : throw Wrong("has no key");
    }

    private JsonNode? Scalar(string text) => text switch
    {
        "null" => null,
        "true" => true,
        "false" => false,
        ['\'', .., '\''] => text[1..^1],
        ['{' or '[' or '|' or '>' or '&' or '*' or '"', ..] => throw Wrong("uses more YAML than is read here"),
        _ when text.Contains(": ", StringComparison.Ordinal) || text.Contains(" #", StringComparison.Ordinal) => throw Wrong("needs quotes"),
        _ => text,
    };

    private FormatException Wrong(string what) => new($"line {_lines[Math.Min(_next, _lines.Count - 1)].Number} {what}");
}
