using System.Text;
using System.Text.Json;
using ReferralService.Fhir.Json;

namespace ReferralService.Fhir.Validation;

/// <summary>Gives faults their paths, all in one more pass over the resource.</summary>
internal static class FaultPaths
{
    /// <summary>Names and indexes from the resource to the token now read.</summary>
    private struct Step
    {
        public string? Name;
        public int Index;
        public bool IsArray;
    }

    public static LintFinding[] Resolve(ReadOnlySpan<byte> json, List<FoundFault> faults, string root)
    {
        int[] order = [.. Enumerable.Range(0, faults.Count).OrderBy(i => faults[i].At)];
        var findings = new LintFinding[faults.Count];
        var steps = new List<Step>();
        int next = 0;
        var reader = new Utf8JsonReader(json, LintWalk.ReaderOptions);
        try
        {
            while (next < order.Length && reader.Read())
            {
                Move(steps, in reader);
                for (; next < order.Length && faults[order[next]].At <= reader.TokenStartIndex; next++)
                    findings[next] = Finding(faults[order[next]], Path(root, steps));
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The rest is where the JSON ends being JSON, or a name being text.
        }

        for (; next < order.Length; next++) findings[next] = Finding(faults[order[next]], steps.Count == 0 ? null : Path(root, steps));
        return findings;
    }

    private static LintFinding Finding(FoundFault fault, string? path)
        => new(fault.Code, fault.Severity, fault.Below is null ? path : $"{path}.{fault.Below}", fault.Rule);

    private static void Move(List<Step> steps, ref readonly Utf8JsonReader reader)
    {
        int depth = reader.CurrentDepth;
        switch (reader.TokenType)
        {
            case JsonTokenType.EndObject or JsonTokenType.EndArray:
                steps.RemoveRange(depth, steps.Count - depth);
                return;
            case JsonTokenType.PropertyName:
                var name = new StringBuilder();
                ElementPath.Append(name, reader.ValueSpan);
                steps[depth - 1] = steps[depth - 1] with { Name = name.ToString() };
                return;
        }

        // A value: count it when it stands in an array.
        if (depth > 0 && steps[depth - 1].IsArray) steps[depth - 1] = steps[depth - 1] with { Index = steps[depth - 1].Index + 1 };
        if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
            steps.Add(new Step { Index = -1, IsArray = reader.TokenType == JsonTokenType.StartArray });
    }

    private static string Path(string root, List<Step> steps)
    {
        var path = new StringBuilder(root);
        foreach (var step in steps)
        {
            if (step.IsArray && step.Index >= 0) path.Append('[').Append(step.Index).Append(']');
            else if (step.Name is not null) path.Append('.').Append(step.Name);
        }

        return path.ToString();
    }
}
