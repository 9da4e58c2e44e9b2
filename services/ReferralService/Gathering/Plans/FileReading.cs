using System.Text.Json;
using ReferralService.Fhir.Json;

namespace ReferralService.Gathering.Plans;

/// <summary>Whether files stand in a resource, or only where they are.</summary>
internal static class FileReading
{
    /// <summary>Of an Attachment, of something that has one (DocumentReference.content), or of a list of either.</summary>
    /// <param name="reader">On the element's name; afterwards at its value's end.</param>
    public static bool HasData(ref TokenReader reader)
    {
        bool has = false;
        int depth = -1;
        while (JsonWalk.NextObject(ref reader, ref depth)) has |= IsData(ref reader);
        return has;
    }

    private static bool IsData(ref TokenReader reader)
    {
        bool has = false;
        while (JsonWalk.NextMember(ref reader))
        {
            bool data = reader.ValueTextEquals("data"u8), attachment = reader.ValueTextEquals("attachment"u8);
            reader.Read();
            if (attachment && reader.TokenType == JsonTokenType.StartObject) has |= IsData(ref reader);
            else reader.Skip();
            has |= data;
        }

        return has;
    }
}
