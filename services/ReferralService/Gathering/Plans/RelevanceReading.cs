using System.Text.Json;
using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering.Plans;

/// <summary>Reads <see cref="RelevanceFacts"/> from a resource's bytes in one forward pass over its top-level elements.</summary>
internal static class RelevanceReading
{
    /// <summary>R4's words for it (observation-status, diagnostic-report-status, medicationrequest-status, event-status, document-reference-status …): a status that is one of them is no new string.</summary>
    private static readonly ByteMemory<string> Statuses = Words(
        "registered", "partial", "preliminary", "final", "amended", "corrected", "appended", "cancelled", "entered-in-error", "unknown", "active", "on-hold", "completed", "stopped", "draft",
        "current", "superseded", "not-done", "in-progress", "available", "preparation", "inactive", "recurrence", "relapse", "remission", "resolved", "finished", "planned", "intended", "not-taken");

    /// <param name="resource">Its bytes were checked to be JSON and its strings to be text.</param>
    /// <exception cref="ArgumentException">It has no id.</exception>
    public static RelevanceFacts Read(RawResource resource)
    {
        var key = resource.Key ?? throw new ArgumentException("A resource without id has no place in a record.", nameof(resource));
        var facts = Read(key, resource.Utf8.Span, new TopicMemory());
        return facts.HasUnreadResults ? facts with { Results = ResultReading.Of(resource.Utf8.Span), HasUnreadResults = false } : facts;
    }

    /// <summary>All but the values of results.</summary>
    /// <param name="utf8">As above.</param>
    public static RelevanceFacts Read(ResourceKey key, ReadOnlySpan<byte> utf8, TopicMemory topics)
    {
        var reader = new Utf8JsonReader(utf8);
        var topic = topics.Silent(key.Type);
        var dates = default(DateReading);
        string? status = null;
        IReadOnlyList<string> clinical = [], verification = [];
        bool file = false, images = false, results = false, identifiers = false;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            switch (TopicMembers.Of(in reader))
            {
                case TopicMember.Status:
                    status = Word(ref reader);
                    break;
                case TopicMember.ClinicalStatus:
                    clinical = ConceptReading.CodesOf(ref reader);
                    break;
                case TopicMember.VerificationStatus:
                    verification = ConceptReading.CodesOf(ref reader);
                    break;
                case TopicMember.File:
                    file |= JsonWalk.IsFilled(ref reader);
                    break;
                case TopicMember.Images:
                    images |= JsonWalk.IsFilled(ref reader);
                    break;
                case TopicMember.Category:
                    topic = topics.WithConcepts(topic, JsonWalk.Value(ref reader, utf8), isCategory: true);
                    break;
                case TopicMember.Code:
                    topic = topics.WithConcepts(topic, JsonWalk.Value(ref reader, utf8), isCategory: false);
                    break;
                case TopicMember.Text:
                    // A QuestionnaireResponse says what it is by the address of its questionnaire alone.
                    topic = topics.WithText(topic, JsonWalk.Value(ref reader, utf8));
                    break;
                case TopicMember.TextExtension:
                    topic = TopicMemory.With(topic, ConceptReading.Titles(ref reader));
                    break;
                case TopicMember.Result:
                    results = true;
                    reader.Skip();
                    break;
                case TopicMember.Identifier:
                    identifiers |= JsonWalk.IsFilled(ref reader);
                    break;
                case var member:
                    if (!dates.Take(member, ref reader)) reader.Skip();
                    break;
            }
        }

        return new RelevanceFacts
        {
            Key = key,
            Topic = topic,
            Status = status,
            ClinicalStatus = clinical,
            EnteredInError = status == "entered-in-error" || verification.Contains("entered-in-error"),
            When = dates.When,
            HasUnreadResults = results,
            HasFile = file,
            HasImages = images || key.Type == "ImagingStudy",
            HasIdentifiers = identifiers,
        };
    }

    /// <summary>Null when the value is no string.</summary>
    private static string? Word(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String) return Statuses.Find(reader.ValueSpan, out _) ?? reader.GetString();
        reader.Skip();
        return null;
    }

    private static ByteMemory<string> Words(params ReadOnlySpan<string> words)
    {
        var memory = new ByteMemory<string>(1024);
        foreach (string word in words)
        {
            byte[] utf8 = System.Text.Encoding.ASCII.GetBytes(word);
            memory.Find(utf8, out int hash);
            memory.Remember(utf8, hash, word);
        }

        return memory;
    }
}
