using System.Text.Json;

namespace ReferralService.Gathering.Plans;

/// <summary>One object of a plan file, read by hand-written rules that collect every fault instead of stopping at the first.</summary>
/// <remarks>As <see cref="SettingsReader"/> does for settings: a member that no rule asked for is a fault too (<see cref="Done"/>).</remarks>
internal sealed class PlanJson
{
    private readonly JsonElement _json;
    private readonly string _path;
    private readonly List<string> _faults;
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    private PlanJson(JsonElement json, string path, string file, List<string> faults) => (_json, _path, File, _faults) = (json, path, file, faults);

    public string File { get; }

    /// <summary>Null, and told why, when the text is no JSON object.</summary>
    public static PlanJson? Open(string file, JsonElement json, List<string> faults)
    {
        if (json.ValueKind == JsonValueKind.Object) return new PlanJson(json, "$", file, faults);
        faults.Add($"{file} $: must be an object");
        return null;
    }

    public void Fault(string member, string message) => _faults.Add($"{File} {_path}{(member.Length == 0 ? "" : ".")}{member}: {message}");

    public bool Has(string member)
    {
        _asked.Add(member);
        return _json.TryGetProperty(member, out _);
    }

    /// <summary>Null when absent or wrong; a fault when it must be there.</summary>
    public string? Text(string member, bool must, int most = 200)
    {
        if (Find(member, must) is not { } value) return null;
        if (value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text && text.Length <= most) return text;
        Fault(member, $"must be a text of 1 to {most} characters");
        return null;
    }

    public T? Choice<T>(string member, bool must, IReadOnlyDictionary<string, T> among) where T : struct
    {
        if (Find(member, must) is not { } value) return null;
        if (value.ValueKind == JsonValueKind.String && among.TryGetValue(value.GetString()!, out var choice)) return choice;
        Fault(member, $"must be one of {string.Join(", ", among.Keys)}");
        return null;
    }

    /// <summary>A text that a rule of its own turns into a value.</summary>
    public T? Parsed<T>(string member, bool must, Func<string, T?> parse, string otherwise) where T : class
    {
        if (Text(member, must) is not { } text) return null;
        var value = parse(text);
        if (value is null) Fault(member, otherwise);
        return value;
    }

    public int? Whole(string member, bool must, int least, int most)
    {
        if (Find(member, must) is not { } value) return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number >= least && number <= most) return number;
        Fault(member, $"must be a whole number from {least} to {most}");
        return null;
    }

    public decimal? Number(string member)
    {
        if (Find(member, must: false) is not { } value) return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var number)) return number;
        Fault(member, "must be a number");
        return null;
    }

    public bool Flag(string member)
    {
        if (Find(member, must: false) is not { } value) return false;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False) return value.GetBoolean();
        Fault(member, "must be true or false");
        return false;
    }

    /// <summary>Texts, each once.</summary>
    public IReadOnlyList<string> Texts(string member, bool must = false, Func<string, string?>? whyNot = null)
    {
        var texts = new List<string>();
        foreach (var (value, path) in Items(member, must))
        {
            if (value.ValueKind != JsonValueKind.String || value.GetString() is not { Length: > 0 and <= 200 } text) Fault(path, "must be a text of 1 to 200 characters");
            else if (texts.Contains(text, StringComparer.Ordinal)) Fault(path, "is there twice");
            else if (whyNot?.Invoke(text) is { } why) Fault(path, why);
            else texts.Add(text);
        }

        return texts;
    }

    public IReadOnlyList<PlanJson> Parts(string member, bool must = false)
    {
        var parts = new List<PlanJson>();
        foreach (var (value, path) in Items(member, must))
        {
            if (value.ValueKind == JsonValueKind.Object) parts.Add(new PlanJson(value, $"{_path}.{path}", File, _faults));
            else Fault(path, "must be an object");
        }

        return parts;
    }

    public PlanJson? Part(string member, bool must = false)
    {
        if (Find(member, must) is not { } value) return null;
        if (value.ValueKind == JsonValueKind.Object) return new PlanJson(value, $"{_path}.{member}", File, _faults);
        Fault(member, "must be an object");
        return null;
    }

    /// <summary>Names that each have a short text, e.g. codes and their labels.</summary>
    public IReadOnlyList<string> Labelled(string member)
    {
        if (Part(member) is not { } labels) return [];
        var names = labels._json.EnumerateObject().Select(p => p.Name).ToList();
        if (names.Count == 0) Fault(member, "is empty");
        foreach (var name in names)
        {
            labels.Text(name, must: true);
            if (name.Length == 0 || name.Any(c => c is <= ' ' or ',' or '|' or '$' or '\\')) labels.Fault(name, "is no code: it is empty, or has a blank, comma or bar in it");
        }

        return names;
    }

    /// <summary>To be called once everything was asked for: what nobody asked for is a fault.</summary>
    public void Done()
    {
        foreach (var member in _json.EnumerateObject().Where(m => !_asked.Contains(m.Name)))
            Fault(member.Name, $"is not known; known here: {string.Join(", ", _asked.Order(StringComparer.Ordinal))}");
    }

    private JsonElement? Find(string member, bool must)
    {
        _asked.Add(member);
        if (_json.TryGetProperty(member, out var value)) return value;
        if (must) Fault(member, "is missing");
        return null;
    }

    private List<(JsonElement Value, string Path)> Items(string member, bool must)
    {
        if (Find(member, must) is not { } value) return [];
        if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0) return [.. value.EnumerateArray().Select((v, i) => (v, $"{member}[{i}]"))];
        Fault(member, "must be a list with something in it");
        return [];
    }
}
