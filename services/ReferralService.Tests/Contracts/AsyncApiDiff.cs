using System.Text.Json;
using System.Text.Json.Nodes;

namespace ReferralService.Tests.Contracts;

/// <summary>What in asyncapi.yaml would break those who bind, listen or send as it was released: every value in it that is not prose. Payloads are files beside it and compared by themselves.</summary>
internal sealed class AsyncApiDiff(JsonNode released, JsonNode now)
{
    /// <summary>Said to people; a host is a setting.</summary>
    private static readonly string[] Prose = ["asyncapi", "info", "host", "title", "summary", "description", "examples", "bindingVersion", "components"];

    /// <summary>Here something more is another queue, exchange or message, not an addition.</summary>
    private static readonly string[] Exact = ["x-queue-arguments", "bindings", "x-internal"];

    private readonly List<string> _breaks = [];

    public static IReadOnlyList<string> Between(JsonNode released, JsonNode now)
    {
        var diff = new AsyncApiDiff(released, now);
        diff.Compare("$", MessageDirection.Sent, released, now, exact: false);
        return diff._breaks;
    }

    private void Compare(string path, MessageDirection direction, JsonNode? before, JsonNode? after, bool exact)
    {
        switch (Whole(released, before), Whole(now, after))
        {
            case (JsonObject was, JsonObject isNow):
                CompareMembers(path, direction, was, isNow, exact);
                break;
            case (JsonArray was, JsonArray isNow):
                foreach (var item in was.Where(item => !isNow.Any(other => JsonNode.DeepEquals(item, other)))) Break(path, $"no longer has {item}");
                break;
            case var (was, isNow) when !JsonNode.DeepEquals(was, isNow) && !IsSentence(path, was, isNow):
                Break(path, $"was {was?.ToString() ?? "null"} and is {isNow?.ToString() ?? "null"}");
                break;
        }
    }

    private void CompareMembers(string path, MessageDirection direction, JsonObject before, JsonObject after, bool exact)
    {
        foreach (var (name, value) in before.Where(member => !Prose.Contains(member.Key)))
        {
            var at = $"{path}.{name}";
            // Between our own replicas: may change without notice.
            if (value is JsonObject && value["x-internal"] is not null) continue;
            if (!after.TryGetPropertyValue(name, out var other)) Break(at, "is removed");
            else if (name == "headers") _breaks.AddRange(new SchemaDiff(direction, References(released), References(now)).Between(at, Element(value), Element(other)));
            else if (name == "x-reserved-events") CompareReserved(at, value!.AsArray(), other!.AsArray(), after);
            else Compare(at, path == "$.channels" ? DirectionOf(name) : direction, value, other, exact || Exact.Contains(name));
        }

        foreach (var name in after.Select(member => member.Key).Where(name => !before.ContainsKey(name) && (exact ? !Prose.Contains(name) : name is "x-internal" or "x-queue-arguments"))) Break($"{path}.{name}", "is new");
    }

    /// <summary>A reserved name may become a message of the channel and mean what was said; it may not be gone.</summary>
    private void CompareReserved(string path, JsonArray before, JsonArray after, JsonObject channel)
    {
        var kept = after.Select(name => name!.GetValue<string>()).Concat(channel["messages"]!.AsObject().Select(message => Whole(now, message.Value)!["name"]!.GetValue<string>())).ToList();
        foreach (var name in before.Select(name => name!.GetValue<string>()).Except(kept)) Break(path, $"no longer has {name}");
    }

    private MessageDirection DirectionOf(string channel)
        => released["operations"]!.AsObject().Any(operation => operation.Value!["action"]!.GetValue<string>() == "receive" && operation.Value["channel"]!["$ref"]!.GetValue<string>() == $"#/channels/{channel}")
            ? MessageDirection.Received : MessageDirection.Sent;

    /// <summary>A component where one is named, with its traits and the content type that it has by default.</summary>
    private static JsonNode? Whole(JsonNode document, JsonNode? node)
    {
        if (node is not JsonObject mapping || mapping["$ref"]?.GetValue<string>() is not { } reference || !reference.StartsWith("#/components/", StringComparison.Ordinal)) return node;
        var found = reference.Split('/').Skip(1).Aggregate(document, (at, name) => at[name] ?? throw new KeyNotFoundException(reference)).AsObject();
        var whole = new JsonObject { ["contentType"] = document["defaultContentType"]?.DeepClone() };
        foreach (var (name, value) in (found["traits"]?.AsArray() ?? []).SelectMany(trait => Whole(document, trait)!.AsObject()).Concat(found).Where(member => member.Key != "traits").ToList())
        {
            whole[name] = value?.DeepClone();
        }

        return whole;
    }

    /// <summary>A property of AMQP is told by its value where that is one word, else in words.</summary>
    private static bool IsSentence(string path, JsonNode? was, JsonNode? isNow)
        => path.Contains(".x-amqp-properties.", StringComparison.Ordinal) && $"{was}".Contains(' ', StringComparison.Ordinal) && $"{isNow}".Contains(' ', StringComparison.Ordinal);

    private static SchemaReferences References(JsonNode document) => new(Element(document));

    private static JsonElement Element(JsonNode? node) => JsonSerializer.SerializeToElement(node);

    private void Break(string path, string what) => _breaks.Add($"{path} {what}");
}
