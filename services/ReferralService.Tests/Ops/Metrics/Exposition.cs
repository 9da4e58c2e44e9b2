using System.Globalization;
using System.Text;

namespace ReferralService.Tests.Ops.Metrics;

internal sealed record ExposedSample(string Name, IReadOnlyDictionary<string, string> Labels, double Value);

/// <summary>A reader of Prometheus' text format 0.0.4, written after its description and not after our writer: whatever it does not allow is refused.</summary>
internal sealed class Exposition
{
    private readonly Dictionary<string, string> _types = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _help = new(StringComparer.Ordinal);

    private Exposition() { }

    public IReadOnlyDictionary<string, string> Types => _types;

    public IReadOnlyDictionary<string, string> Help => _help;

    public List<ExposedSample> Samples { get; } = [];

    /// <summary>The sample's value; null: there is none of these labels.</summary>
    public double? Value(string name, params (string Name, string Value)[] labels)
        => Samples.FirstOrDefault(sample => sample.Name == name && labels.All(label => sample.Labels.GetValueOrDefault(label.Name) == label.Value))?.Value;

    /// <exception cref="FormatException">It is not in the format.</exception>
    public static Exposition Read(string text)
    {
        if (text.Length > 0 && !text.EndsWith('\n')) throw new FormatException("The last line has no end.");
        var read = new Exposition();
        var families = new List<string>();
        foreach (var line in text.Split('\n', StringSplitOptions.None)[..^1])
        {
            if (line.StartsWith("# HELP ", StringComparison.Ordinal))
            {
                var space = line.IndexOf(' ', 7);
                if (!read._help.TryAdd(line[7..space], Unescape(line[(space + 1)..], "\\n"))) throw new FormatException($"Two HELP lines: {line}");
            }
            else if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                var parts = line[7..].Split(' ');
                if (parts is not [var name, "counter" or "gauge" or "histogram" or "summary" or "untyped"] || !read._types.TryAdd(name, parts[1])) throw new FormatException(line);
                families.Add(name);
            }
            else
            {
                var sample = Sample(line);
                if (families.Count == 0 || !BelongsTo(sample.Name, families[^1], read._types[families[^1]])) throw new FormatException($"Not below its TYPE: {line}");
                read.Samples.Add(sample);
            }
        }

        return read;
    }

    private static bool BelongsTo(string name, string family, string type)
        => type == "histogram" ? name == $"{family}_bucket" || name == $"{family}_sum" || name == $"{family}_count" : name == family;

    private static ExposedSample Sample(string line)
    {
        var at = 0;
        var name = Take(line, ref at, c => char.IsAsciiLetterOrDigit(c) || c is '_' or ':');
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        if (at < line.Length && line[at] == '{')
        {
            at++;
            while (line[at] != '}')
            {
                var label = Take(line, ref at, c => char.IsAsciiLetterOrDigit(c) || c == '_');
                if (line[at++] != '=' || line[at++] != '"') throw new FormatException(line);
                var end = at;
                while (line[end] != '"') end += line[end] == '\\' ? 2 : 1;
                if (!labels.TryAdd(label, Unescape(line[at..end], "\\n\""))) throw new FormatException($"Twice: {label}");
                at = end + 1;
                if (line[at] == ',') at++;
                else if (line[at] != '}') throw new FormatException(line);
            }

            at++;
        }

        if (line[at++] != ' ') throw new FormatException(line);
        var value = line[at..] switch
        {
            "+Inf" => double.PositiveInfinity,
            "-Inf" => double.NegativeInfinity,
            "NaN" => double.NaN,
            var number => double.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture),
        };
        return new ExposedSample(name, labels, value);
    }

    private static string Take(string line, ref int at, Func<char, bool> allowed)
    {
        var from = at;
        while (at < line.Length && allowed(line[at])) at++;
        return at > from && !char.IsAsciiDigit(line[from]) ? line[from..at] : throw new FormatException(line);
    }

    private static string Unescape(string text, string known)
    {
        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                plain.Append(text[i]);
                continue;
            }

            if (++i == text.Length || !known.Contains(text[i])) throw new FormatException($"No escape: {text}");
            plain.Append(text[i] == 'n' ? '\n' : text[i]);
        }

        return plain.ToString();
    }
}
