using System.Text.Json;
using ReferralService.Fhir.Json;
using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering.Plans;

/// <summary>Reads <see cref="RelevanceFacts"/> from a resource's bytes in one forward pass over its top-level elements.</summary>
internal static class RelevanceReading
{
    /// <param name="resource">Its bytes were checked to be JSON and its strings to be text.</param>
    /// <exception cref="ArgumentException">It has no id.</exception>
    public static RelevanceFacts Read(RawResource resource)
    {
        var key = resource.Key ?? throw new ArgumentException("A resource without id has no place in a record.", nameof(resource));
        var facts = Read(key, resource, new TopicMemory());
        return facts.HasUnreadResults ? facts with { Results = ResultReading.Of(resource), HasUnreadResults = false } : facts;
    }

    /// <summary>All but the values of results.</summary>
    /// <param name="key">As what it is known.</param>
    /// <param name="resource">As above.</param>
    public static RelevanceFacts Read(ResourceKey key, RawResource resource, TopicMemory topics)
    {
        var reader = resource.Reader();
        var topic = topics.Silent(key.Type);
        var dates = default(DateReading);
        string? status = null;
        IReadOnlyList<string> clinical = [], verification = [];
        bool file = false, data = false, images = false, number = false, components = false, identifiers = false;
        Saying? interpretation = null;
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
                    var files = reader;
                    file |= JsonWalk.IsFilled(ref reader);
                    data |= FileReading.HasData(ref files);
                    break;
                case TopicMember.Images:
                    images |= JsonWalk.IsFilled(ref reader);
                    break;
                case TopicMember.Category:
                    topic = topics.WithConcepts(topic, ref reader, isCategory: true);
                    break;
                case TopicMember.Code:
                    topic = topics.WithConcepts(topic, ref reader, isCategory: false);
                    break;
                case TopicMember.Text:
                    // A QuestionnaireResponse says what it is by the address of its questionnaire alone.
                    topic = topics.WithText(topic, ref reader);
                    break;
                case TopicMember.TextExtension:
                    topic = TopicMemory.With(topic, ConceptReading.Titles(ref reader));
                    break;
                case TopicMember.Number:
                    number = true;
                    reader.Skip();
                    break;
                case TopicMember.Components:
                    components = true;
                    reader.Skip();
                    break;
                case TopicMember.Interpretation:
                    interpretation = topics.Concepts(ref reader);
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
            HasUnreadResults = number || components || interpretation is not null,
            HasNumber = number,
            HasComponents = components,
            Interpretation = interpretation,
            HasFile = file,
            HasData = data,
            HasImages = images || key.Type == "ImagingStudy",
            HasIdentifiers = identifiers,
        };
    }

    /// <summary>Null when the value is no string.</summary>
    private static string? Word(ref TokenReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String) return StatusCodes.Text(in reader);
        reader.Skip();
        return null;
    }
}
