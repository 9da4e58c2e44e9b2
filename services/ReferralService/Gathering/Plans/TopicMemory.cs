using System.Text.Json;
using ReferralService.Fhir.Json;

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

    /// <summary>Takes a CodeableConcept, a Coding, or a list of them; what is none says nothing.</summary>
    /// <param name="reader">On the element's name; afterwards at its value's end.</param>
    public Topic WithConcepts(Topic topic, ref TokenReader reader, bool isCategory) => With(topic, Concepts(ref reader), isCategory);

    /// <summary>The same of an element that says nothing of what the resource is about.</summary>
    public Saying Concepts(ref TokenReader reader)
    {
        var element = reader;
        reader.Read();
        var value = reader.WholeValue;
        reader.Skip();
        return _concepts.Find(value, out int hash) ?? Remembered(_concepts, value, hash, ConceptReading.Of(ref element));
    }

    /// <summary>Takes a text; what is none says nothing.</summary>
    /// <param name="reader">As above.</param>
    public Topic WithText(Topic topic, ref TokenReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
            return With(topic, _texts.Find(reader.WholeValue, out int hash) ?? Remembered(_texts, reader.WholeValue, hash, new Saying([], [reader.GetString()!])), isCategory: false);
        reader.Skip();
        return topic;
    }

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
}
