using System.Text.Json;

namespace ReferralService.Terminal;

/// <summary>A manifest in short: how much of what would go, what would not and why, what is missing.</summary>
internal static class ManifestText
{
    public static async Task WriteAsync(JsonElement manifest, Screen screen)
    {
        var included = Items(manifest, "included");
        var bytes = included.Sum(item => PlainText.Find(item, "bytes") is { } told && told.TryGetInt64(out var count) ? count : 0);
        await screen.Output.WriteLineAsync($"would send  {included.Count} resources, {PlainText.Bytes(bytes)}; nothing was sent or stored");
        await screen.Output.WriteLineAsync($"plans       {string.Join(", ", Items(manifest, "plan").Select(plan => $"{PlainText.Of(plan, "id")} {PlainText.Of(plan, "version")}"))}");
        await WriteCountsAsync("included", included.Select(item => TypeOf(PlainText.Of(item, "source"))));
        await WriteCountsAsync("left out", Items(manifest, "omitted").Select(item => PlainText.Of(item, "reason")));
        if (PlainText.Find(manifest, "consent") is { } consent && PlainText.Find(consent, "basis") is not null)
        {
            await screen.Output.WriteLineAsync($"consent     {PlainText.Of(consent, "basis")}");
        }

        foreach (var check in Items(manifest, "checklist"))
        {
            var status = PlainText.Of(check, "status");
            var ink = status switch { "present" => Ink.Good, "stale" => Ink.Warning, _ => PlainText.Of(check, "need") == "must" ? Ink.Bad : Ink.Warning };
            await screen.Output.WriteLineAsync($"checklist   {screen.Inked($"{status,-7}", ink)}  {PlainText.Of(check, "need"),-6}  {PlainText.Of(check, "label")}{(PlainText.Of(check, "date") is not PlainText.None and var date ? $" ({date})" : "")}");
        }

        async Task WriteCountsAsync(string name, IEnumerable<string> kinds)
        {
            foreach (var kind in kinds.GroupBy(kind => kind, StringComparer.Ordinal).OrderByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal))
            {
                await screen.Output.WriteLineAsync($"{name,-10}  {kind.Count(),5}  {kind.Key}");
            }
        }
    }

    private static List<JsonElement> Items(JsonElement manifest, string member)
        => PlainText.Find(manifest, member) is { ValueKind: JsonValueKind.Array } items ? [.. items.EnumerateArray()] : [];

    /// <summary>The type in an address that ends in Type/id.</summary>
    private static string TypeOf(string source) => source.TrimEnd('/').Split('/') is [.., var type, _] ? type : "file";
}
