using System.Text.Json;
using ReferralService.Fhir.Resources;
using ReferralService.Gathering.Plans;

namespace ReferralService.Gathering;

/// <summary>What a reader must know of a result before relying on it: that it is not final yet, or that it is not what was first reported.</summary>
internal static class ResultStanding
{
    private static readonly string[] Told = ["preliminary", "partial", "registered", "corrected", "amended", "appended"];

    /// <summary>Null: final, or of a type whose status says nothing of the kind.</summary>
    public static string? Of(RawResource resource)
    {
        if (resource.Type is not ("Observation" or "DiagnosticReport" or "DocumentReference")) return null;
        var reader = new Utf8JsonReader(resource.Utf8.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // A document's status says whether it is the current one; whether it is finished says docStatus.
            if (reader.ValueTextEquals(resource.Type == "DocumentReference" ? "docStatus"u8 : "status"u8))
                return JsonWalk.Text(ref reader) is { } status ? Array.Find(Told, told => told == status) : null;
            reader.Skip();
        }

        return null;
    }
}
