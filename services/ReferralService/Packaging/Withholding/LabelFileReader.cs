using System.Text.Json;

namespace ReferralService.Packaging.Withholding;

/// <summary>Reads one file of label rules, telling every fault instead of the first: a list that is half understood would label half.</summary>
internal static class LabelFileReader
{
    private static readonly string[] Members = ["$schema", "id", "version", "title", "review", "sources", "confidentiality", "sensitivities", "codes"];
    private static readonly string[] CodeMembers = ["systems", "codes", "prefixes", "ranges"];

    /// <param name="fault">Told the element and what is wrong with it.</param>
    /// <returns>Null when anything is wrong.</returns>
    public static LabelRule? Read(byte[] utf8, Action<string, string> fault)
    {
        int faults = 0;
        void Wrong(string path, string what)
        {
            faults++;
            fault(path, what);
        }

        try
        {
            using var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Disallow });
            var root = document.RootElement;
            if (!IsObject(root, "", Members, Wrong)) return null;
            string id = Text(root, "id", Wrong), version = Text(root, "version", Wrong);
            if (id.Length > 0 && (id.Length > 40 || !id.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))) Wrong("id", "must be 1 to 40 of a-z 0-9 -");
            Text(root, "title", Wrong);
            Text(root, "review", Wrong);
            var sources = Texts(root, "sources", "sources", Wrong);
            if (sources.Count == 0) Wrong("sources", "must name where the codes come from");
            string level = Text(root, "confidentiality", Wrong);
            if (level.Length > 0 && ConfidentialityCodes.Parse(level) is null) Wrong("confidentiality", "must be one of U L M N R V");
            var sensitivities = Texts(root, "sensitivities", "sensitivities", Wrong);
            if (sensitivities.Count == 0) Wrong("sensitivities", "must name at least one code of v3-ActCode, e.g. HIV");
            foreach (string unknown in sensitivities.Where(s => !LabelSystems.IsSensitivity(s))) Wrong("sensitivities", "has a code that is no information sensitivity of v3-ActCode");
            var codes = Codes(root, Wrong);
            var labels = new SecurityLabels { Stated = ConfidentialityCodes.Parse(level), Sensitivities = [.. sensitivities.Distinct().Order(StringComparer.Ordinal)] };
            return faults > 0 ? null : new LabelRule(id, version, sources, labels, codes);
        }
        catch (JsonException)
        {
            Wrong("", "is not JSON");
            return null;
        }
    }

    private static List<LabelCodes> Codes(JsonElement root, Action<string, string> wrong)
    {
        var all = new List<LabelCodes>();
        if (!root.TryGetProperty("codes", out var list) || list.ValueKind != JsonValueKind.Array || list.GetArrayLength() == 0)
        {
            wrong("codes", "must be a list of code systems with their codes");
            return all;
        }

        foreach (var (i, item) in list.EnumerateArray().Index())
        {
            string path = $"codes[{i}]";
            if (!IsObject(item, path, CodeMembers, wrong)) continue;
            var systems = Texts(item, "systems", $"{path}.systems", wrong);
            if (systems.Count == 0 || systems.Any(s => !Uri.TryCreate(s, UriKind.Absolute, out _))) wrong($"{path}.systems", "must name the code system by its absolute URI");
            var codes = Texts(item, "codes", $"{path}.codes", wrong);
            var prefixes = Texts(item, "prefixes", $"{path}.prefixes", wrong);
            prefixes.AddRange(Texts(item, "ranges", $"{path}.ranges", wrong).SelectMany(r => Categories(r, $"{path}.ranges", wrong)));
            if (codes.Count + prefixes.Count == 0) wrong(path, "has neither codes nor prefixes nor ranges");
            all.Add(new LabelCodes(systems, codes, prefixes));
        }

        return all;
    }

    /// <summary>Categories of ICD-10: <c>A50-A64</c> is A50, A51 … A64.</summary>
    private static List<string> Categories(string range, string path, Action<string, string> wrong)
    {
        if (range is [>= 'A' and <= 'Z', var a, var b, '-', var letter, var c, var d] && letter == range[0] && int.TryParse([a, b], out int first) && int.TryParse([c, d], out int last) && first <= last)
            return [.. Enumerable.Range(first, last - first + 1).Select(n => $"{letter}{n:00}")];
        wrong(path, "must be two categories of one letter, e.g. A50-A64");
        return [];
    }

    private static bool IsObject(JsonElement element, string path, string[] members, Action<string, string> wrong)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            wrong(path, "must be an object");
            return false;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in element.EnumerateObject())
        {
            if (!members.Contains(member.Name)) wrong(path, $"has a member that is none of {string.Join(", ", members)}");
            else if (!seen.Add(member.Name)) wrong(path, $"has {member.Name} twice");
        }

        return true;
    }

    private static string Text(JsonElement parent, string name, Action<string, string> wrong)
    {
        if (parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text) return text;
        wrong(name, "is missing");
        return "";
    }

    private static List<string> Texts(JsonElement parent, string name, string path, Action<string, string> wrong)
    {
        if (!parent.TryGetProperty(name, out var list)) return [];
        if (list.ValueKind == JsonValueKind.Array && list.EnumerateArray().All(i => i.ValueKind == JsonValueKind.String && i.GetString()!.Trim() is { Length: > 0 } text && text == i.GetString()))
            return [.. list.EnumerateArray().Select(i => i.GetString()!)];
        wrong(path, "must be a list of texts, none empty or with spaces around it");
        return [];
    }
}
