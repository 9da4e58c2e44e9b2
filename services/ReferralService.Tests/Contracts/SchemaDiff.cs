using System.Text.Json;
using static ReferralService.Tests.Contracts.SchemaKeywords;

namespace ReferralService.Tests.Contracts;

/// <summary>Which side of a message we are on.</summary>
internal enum MessageDirection
{
    /// <summary>Others read it: what they rely on must stay.</summary>
    Sent,

    /// <summary>Others write it: what they write must go on being taken.</summary>
    Received,
}

/// <summary>What in a schema would break those who were built against the released one. Additions are no break: readers pass over what they do not know, lists of words grow.</summary>
/// <remarks>A keyword that no rule here compares is told as a break too, so that none is passed over in silence; so is a change that some would survive and that these rules cannot tell from one that they would not.</remarks>
internal sealed class SchemaDiff(MessageDirection direction, SchemaReferences released, SchemaReferences now)
{
    private readonly List<string> _breaks = [];
    private readonly HashSet<(string, string)> _open = [];

    /// <returns>Each with its path; empty when nothing breaks.</returns>
    public static IReadOnlyList<string> Between(MessageDirection direction, JsonElement released, JsonElement now)
        => new SchemaDiff(direction, new SchemaReferences(released), new SchemaReferences(now)).Between("$", released, now);

    public IReadOnlyList<string> Between(string path, JsonElement before, JsonElement after)
    {
        Compare(path, before, after);
        return _breaks;
    }

    private void Compare(string path, JsonElement before, JsonElement after)
    {
        var (was, isNow) = (Reference(before), Reference(after));
        if (IsFile(was) || IsFile(isNow))
        {
            // Files beside this one are compared by themselves.
            if (was != isNow) Break(path, "is another file");
            return;
        }

        // A schema within itself is compared once.
        if (was is not null && isNow is not null && !_open.Add((was, isNow))) return;
        TellUnknown(path, before, after);
        if (was is not null || isNow is not null) Compare(path, Followed(released, before), Followed(now, after));
        else CompareWhole(path, Spelt(before), Spelt(after));
        if (was is not null && isNow is not null) _open.Remove((was, isNow));
    }

    private void CompareWhole(string path, JsonElement before, JsonElement after)
    {
        if (before.ValueKind != JsonValueKind.Object || after.ValueKind != JsonValueKind.Object)
        {
            if (before.ValueKind != after.ValueKind) Break(path, "is retyped");
            return;
        }

        CompareTypes(path, before, after);
        CompareWords(path, before, after);
        foreach (var keyword in Fixed.Where(keyword => Raw(before, keyword) != Raw(after, keyword))) Break(path, $"has another {keyword}");
        if (Raw(before, "default") is { } word && Raw(after, "default") != word) Break(path, "has another default");
        foreach (var (keyword, lower) in Bounds) CompareBound(path, keyword, lower, before, after);
        CompareSteps(path, before, after);
        CompareMembers(path, before, after);
        foreach (var (keyword, at) in Each) CompareEach(path + at, keyword, before, after);
        foreach (var keyword in (string[])["anyOf", "oneOf"]) CompareBranches(path, keyword, before, after);
        CompareParts(path, before, after);
    }

    private void CompareTypes(string path, JsonElement before, JsonElement after)
    {
        var (was, isNow) = (Types(before), Types(after));
        var (all, some) = direction == MessageDirection.Sent ? (was, isNow) : (isNow, was);
        if (all.Count > 0 && (some.Count == 0 || !some.IsSubsetOf(all))) Break(path, $"is retyped from {Raw(before, "type") ?? "anything"} to {Raw(after, "type") ?? "anything"}");
    }

    /// <summary>A word that is gone: senders still write it, and what readers did for it no longer happens.</summary>
    private void CompareWords(string path, JsonElement before, JsonElement after)
    {
        if (!after.TryGetProperty("enum", out var isNow))
        {
            if (direction == MessageDirection.Sent && before.TryGetProperty("enum", out _)) Break(path, "is no longer one of a list of words");
            return;
        }

        if (!before.TryGetProperty("enum", out var was))
        {
            if (direction == MessageDirection.Received) Break(path, "is now one of a list of words");
            return;
        }

        foreach (var word in was.EnumerateArray().Where(word => !isNow.EnumerateArray().Any(other => JsonElement.DeepEquals(word, other)))) Break(path, $"no longer has the word {word}");
    }

    private void CompareBound(string path, string keyword, bool lower, JsonElement before, JsonElement after)
    {
        decimal? was = Number(before, keyword), isNow = Number(after, keyword);
        // Of what is sent a bound must not be loosened, of what is received not tightened.
        var loosened = was is not null && (isNow is null || (lower ? isNow < was : isNow > was));
        var tightened = isNow is not null && (was is null || (lower ? isNow > was : isNow < was));
        if (direction == MessageDirection.Sent ? loosened : tightened) Break(path, $"has another {keyword}");
    }

    private void CompareSteps(string path, JsonElement before, JsonElement after)
    {
        var (wide, narrow) = direction == MessageDirection.Sent ? (before, after) : (after, before);
        if (Number(wide, "multipleOf") is { } step && (Number(narrow, "multipleOf") is not { } other || other % step != 0)) Break(path, "has another multipleOf");
        if (IsTrue(wide, "uniqueItems") && !IsTrue(narrow, "uniqueItems")) Break(path, "has another uniqueItems");
    }

    private void CompareMembers(string path, JsonElement before, JsonElement after)
    {
        var (was, isNow) = (Members(before), Members(after));
        foreach (var (name, schema) in was)
        {
            if (isNow.TryGetValue(name, out var other)) Compare($"{path}.{name}", schema, other);
            else Break($"{path}.{name}", "is removed");
        }

        // What was a value of the map like any other has a name and a schema of its own now.
        if (before.TryGetProperty("additionalProperties", out var map) && map.ValueKind == JsonValueKind.Object)
        {
            foreach (var (name, schema) in isNow.Where(member => !was.ContainsKey(member.Key))) Compare($"{path}.{name}", map, schema);
        }

        var (needed, needs) = (Words(before, "required"), Words(after, "required"));
        if (direction == MessageDirection.Sent)
        {
            foreach (var name in needed.Except(needs).Where(name => isNow.ContainsKey(name) || !was.ContainsKey(name))) Break($"{path}.{name}", "is no longer always there");
        }
        else
        {
            foreach (var name in needs.Except(needed)) Break($"{path}.{name}", "is now required");
        }
    }

    private void CompareEach(string path, string keyword, JsonElement before, JsonElement after)
    {
        var was = before.TryGetProperty(keyword, out var one) ? Spelt(one) : Anything;
        var isNow = after.TryGetProperty(keyword, out var other) ? Spelt(other) : Anything;
        var (wasAnything, isAnything) = (JsonElement.DeepEquals(was, Anything), JsonElement.DeepEquals(isNow, Anything));
        if (wasAnything && isAnything) return;
        if (was.ValueKind == JsonValueKind.False)
        {
            // Members where none were known are an addition; items where none were are not.
            if (keyword == "items" && isNow.ValueKind != JsonValueKind.False && direction == MessageDirection.Sent) Break(path, "is no longer empty");
            TellUnknown(path, was, isNow);
        }
        else if (isNow.ValueKind == JsonValueKind.False)
        {
            if (direction == MessageDirection.Received || !wasAnything) Break(path, "is no longer taken or sent");
        }
        else if (wasAnything)
        {
            TellUnknown(path, was, isNow);
            if (direction == MessageDirection.Received) Break(path, $"is no longer anything: it has {keyword}");
        }
        else if (isAnything)
        {
            if (direction == MessageDirection.Sent) Break(path, $"may now be anything: it has no {keyword}");
        }
        else
        {
            Compare(path, was, isNow);
        }
    }

    /// <summary>Branches are known by the constants in them, e.g. a command by its name; those without by their type.</summary>
    private void CompareBranches(string path, string keyword, JsonElement before, JsonElement after)
    {
        var (was, isNow) = (SchemaBranch.All(Branches(before, keyword), released), SchemaBranch.All(Branches(after, keyword), now));
        foreach (var branch in was)
        {
            if (isNow.FirstOrDefault(other => other.Name == branch.Name) is { } found) Compare($"{path}<{branch.Name}>", branch.Schema, found.Schema);
            else Break(path, $"no longer has the shape {branch.Name}");
        }

        if (direction == MessageDirection.Received)
        {
            if (was.Count == 0 && isNow.Count > 0) Break(path, $"now takes only some shapes: it has {keyword}");
        }
        else if (was.Count > 0)
        {
            // A reader passes over a kind of message that it does not know; it cannot do so with a value in one that it does.
            foreach (var branch in isNow.Where(branch => !branch.HasConstant && was.All(other => other.Name != branch.Name))) Break(path, $"may now be of the shape {branch.Name}");
        }
    }

    /// <summary>Parts of <c>allOf</c> are known by their place.</summary>
    private void CompareParts(string path, JsonElement before, JsonElement after)
    {
        var (was, isNow) = (Branches(before, "allOf"), Branches(after, "allOf"));
        foreach (var (index, (one, other)) in was.Zip(isNow).Index()) Compare($"{path}&{index}", one, other);
        for (var index = isNow.Count; index < was.Count; index++) Break($"{path}&{index}", "is removed");
        if (direction == MessageDirection.Received && isNow.Count > was.Count) Break($"{path}&{was.Count}", "must now also be met");
    }

    private void TellUnknown(string path, JsonElement before, JsonElement after)
    {
        foreach (var keyword in Unknown(before).Union(Unknown(after))) Break(path, $"has {keyword}, which no rule compares");
    }

    private static JsonElement Spelt(JsonElement schema) => schema.ValueKind == JsonValueKind.True ? Anything : schema;

    private static string? Reference(JsonElement schema) => schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("$ref", out var reference) ? reference.GetString() : null;

    private static bool IsFile(string? reference) => reference is not null && reference[0] != '#';

    private static JsonElement Followed(SchemaReferences references, JsonElement schema) => Reference(schema) is { } reference ? references.Find(reference).Schema : schema;

    private void Break(string path, string what) => _breaks.Add($"{path} {what}");
}
