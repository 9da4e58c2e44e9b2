using System.Text.Json;

namespace ReferralService.Gathering.Plans;

/// <summary>The topics of one record's resources. Not safe from several threads.</summary>
internal sealed class TopicMemory
{
    /// <summary>Ten years of one patient say some hundred different things in some ten thousand bytes.</summary>
    private const int MostBytes = 256 * 1024, MostTopics = 8 * 1024;

    private readonly Dictionary<string, Topic> _silent = new(StringComparer.Ordinal);
    private readonly Dictionary<(Topic Before, Saying Said, bool IsCategory), Topic> _topics = [];
    private readonly ByteMemory<Saying> _concepts = new(MostBytes);
    private readonly ByteMemory<Saying> _texts = new(MostBytes);

    /// <summary>Of a resource that says nothing (yet).</summary>
    public Topic Silent(string type)
    {
        if (!_silent.TryGetValue(type, out var topic)) _silent.Add(type, topic = new Topic(type));
        return topic;
    }

    /// <param name="value">Of the element, as it is written: a CodeableConcept, a Coding, a list of them, or what is none.</param>
    public Topic WithConcepts(Topic topic, ReadOnlySpan<byte> value, bool isCategory)
        => With(topic, _concepts.Find(value, out int hash) ?? Remembered(_concepts, value, hash, ConceptReading.Of(value)), isCategory);

    /// <param name="value">Of the element, as it is written; says nothing unless it is a text.</param>
    public Topic WithText(Topic topic, ReadOnlySpan<byte> value)
        => With(topic, _texts.Find(value, out int hash) ?? Remembered(_texts, value, hash, Text(value)), isCategory: false);

    /// <summary>Without remembering it: what is written so stands in one resource alone.</summary>
    public static Topic With(Topic topic, Saying said) => said.IsNothing ? topic : new Topic(topic, said, isCategory: false, isShared: false);

    private Topic With(Topic topic, Saying said, bool isCategory)
    {
        if (said.IsNothing) return topic;
        if (_topics.TryGetValue((topic, said, isCategory), out var known)) return known;
        bool shared = topic.IsShared && _topics.Count < MostTopics;
        var made = new Topic(topic, said, isCategory, shared);
        if (shared) _topics.Add((topic, said, isCategory), made);
        return made;
    }

    private static Saying Remembered(ByteMemory<Saying> memory, ReadOnlySpan<byte> value, int hash, Saying said)
    {
        memory.Remember(value, hash, said);
        return said;
    }

    private static Saying Text(ReadOnlySpan<byte> value)
    {
        var reader = new Utf8JsonReader(value);
        return JsonWalk.Text(ref reader) is { } text ? new Saying([], [text]) : Saying.Nothing;
    }
}
