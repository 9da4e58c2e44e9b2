using System.Text.Json;
using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering;

/// <summary>What a reader must know of a result before relying on it: that it is not final yet, or that it is not what was first reported.</summary>
internal static class ResultStanding
{
    private static readonly string[] Told = ["preliminary", "partial", "registered", "corrected", "amended", "appended"];

    /// <summary>Null: final, or of a type whose status says nothing of the kind.</summary>
    public static string? Of(RawResource resource)
    {
        if (resource.Type is not ("Observation" or "DiagnosticReport" or "DocumentReference")) return null;

        // A document's status says whether it is the current one; whether it is finished says docStatus.
        var element = resource.Type == "DocumentReference" ? "docStatus"u8 : "status"u8;
        var reader = resource.Reader();
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool status = reader.ValueTextEquals(element);
            reader.Read();
            if (!status) reader.Skip();
            else return reader.TokenType == JsonTokenType.String && StatusCodes.Text(in reader) is { } text && Array.IndexOf(Told, text) is >= 0 and var at ? Told[at] : null;
        }

        return null;
    }
}
