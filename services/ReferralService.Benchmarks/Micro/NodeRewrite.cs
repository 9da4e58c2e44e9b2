using System.Text.Json.Nodes;

namespace ReferralService.Benchmarks.Micro;

/// <summary>The transaction's rewriting as most would write it: each body a tree, references replaced in it, the Bundle a tree of trees.</summary>
internal static class NodeRewrite
{
    public static byte[] Transaction(IReadOnlyList<byte[]> bodies)
    {
        var parsed = bodies.Select(b => JsonNode.Parse(b)!.AsObject()).ToList();
        var urns = parsed.ToDictionary(r => $"{r["resourceType"]}/{r["id"]}", r => $"urn:uuid:{Guid.CreateVersion7():D}", StringComparer.Ordinal);
        var entries = new JsonArray();
        foreach (var resource in parsed)
        {
            Rewrite(resource, urns);
            entries.Add(new JsonObject
            {
                ["fullUrl"] = urns[$"{resource["resourceType"]}/{resource["id"]}"],
                ["resource"] = resource,
                ["request"] = new JsonObject { ["method"] = "POST", ["url"] = resource["resourceType"]!.GetValue<string>() },
            });
        }

        using var output = new MemoryStream();
        using (var json = new System.Text.Json.Utf8JsonWriter(output))
        {
            new JsonObject { ["resourceType"] = "Bundle", ["type"] = "transaction", ["entry"] = entries }.WriteTo(json);
        }

        return output.ToArray();
    }

    private static void Rewrite(JsonNode? node, Dictionary<string, string> urns)
    {
        if (node is JsonArray array)
        {
            foreach (var item in array) Rewrite(item, urns);
        }
        else if (node is JsonObject element)
        {
            foreach (var (_, value) in element) Rewrite(value, urns);
            if (element["reference"] is JsonValue text && text.TryGetValue(out string? reference))
                element["reference"] = urns.GetValueOrDefault(reference, reference.Contains(':') ? reference : $"{SampleRecord.Ehr}/{reference}");
        }
    }
}
