using System.Text.Json;
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
        var reader = new Utf8JsonReader(resource.Utf8.Span);
        var concepts = new ConceptReading();
        var results = new ResultReading();
        var dates = new DateReading();
        string? status = null;
        List<string> clinical = [], verification = [];
        bool file = false, images = false;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("status"u8)) status = JsonWalk.Text(ref reader);
            else if (reader.ValueTextEquals("clinicalStatus"u8)) clinical = ConceptReading.CodesOf(ref reader);
            else if (reader.ValueTextEquals("verificationStatus"u8)) verification = ConceptReading.CodesOf(ref reader);
            else if (reader.ValueTextEquals("presentedForm"u8) || reader.ValueTextEquals("content"u8)) file |= JsonWalk.IsFilled(ref reader);
            else if (reader.ValueTextEquals("imagingStudy"u8)) images |= JsonWalk.IsFilled(ref reader);
            else if (!concepts.Take(ref reader) && !results.Take(ref reader) && !dates.Take(ref reader)) reader.Skip();
        }

        return new RelevanceFacts
        {
            Key = key,
            Codes = concepts.Codes,
            Categories = concepts.Categories,
            Texts = concepts.Texts,
            Status = status,
            ClinicalStatus = clinical,
            EnteredInError = status == "entered-in-error" || verification.Contains("entered-in-error"),
            When = dates.When,
            Results = results.All(),
            HasFile = file,
            HasImages = images || key.Type == "ImagingStudy",
        };
    }
}
