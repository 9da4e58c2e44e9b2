using System.Text.Json;
using ReferralService.Fhir.Json;

namespace ReferralService.Fhir.Resources;

/// <summary>Finds a resource inside another (R4 references.html#contained).</summary>
public static class ContainedReading
{
    /// <param name="id">Without <c>#</c>.</param>
    /// <returns>A slice of the container's bytes; null when nothing of that id is contained.</returns>
    /// <exception cref="Errors.FhirFormatException">What is contained before it is no resource.</exception>
    public static RawResource? Find(RawResource container, string id)
    {
        var reader = new Utf8JsonReader(container.Utf8.Span, JsonGuard.ReaderOptions);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool contained = reader.ValueTextEquals("contained"u8);
            reader.Read();
            if (!contained || reader.TokenType != JsonTokenType.StartArray)
            {
                reader.Skip();
                continue;
            }

            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                int start = (int)reader.TokenStartIndex;
                reader.Skip();
                var resource = RawResource.Read(container.Utf8[start..(int)reader.BytesConsumed]);
                if (resource.Id == id) return resource;
            }
        }

        return null;
    }
}
