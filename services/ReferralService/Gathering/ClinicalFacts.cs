using System.Text.Json;
using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering;

/// <summary>The few elements that decide whether a resource belongs to the record.</summary>
/// <param name="ClinicalStatus">Codes of Condition.clinicalStatus or AllergyIntolerance.clinicalStatus.</param>
/// <param name="Latest">The last instant effective[x] (else issued) may mean; null when it has none that can be read or when its period is open.</param>
internal readonly record struct ClinicalFacts(string? Status, IReadOnlyList<string> ClinicalStatus, bool EnteredInError, DateTimeOffset? Latest)
{
    /// <summary>Reads the top-level elements only; the bytes were already checked to be JSON.</summary>
    public static ClinicalFacts Read(RawResource resource)
    {
        var reader = new Utf8JsonReader(resource.Utf8.Span);
        string? status = null, effective = null, issued = null;
        IReadOnlyList<string> clinical = [], verification = [];
        bool open = false;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("status"u8)) status = Text(ref reader);
            else if (reader.ValueTextEquals("clinicalStatus"u8)) clinical = Codes(ref reader) ?? clinical;
            else if (reader.ValueTextEquals("verificationStatus"u8)) verification = Codes(ref reader) ?? verification;
            else if (reader.ValueTextEquals("issued"u8)) issued = Text(ref reader);
            else if (reader.ValueTextEquals("effectiveDateTime"u8) || reader.ValueTextEquals("effectiveInstant"u8)) effective = Text(ref reader);
            else if (reader.ValueTextEquals("effectivePeriod"u8)) open = (effective = PeriodEnd(ref reader)) is null;
            else reader.Skip();
        }

        return new ClinicalFacts(
            status, clinical, status == "entered-in-error" || verification.Contains("entered-in-error"),
            open ? null : FhirDate.Latest(effective ?? issued));
    }

    private static string? Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String) return reader.GetString();
        reader.Skip();
        return null;
    }

    private static string? PeriodEnd(ref Utf8JsonReader reader)
    {
        string? end = null;
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return null;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("end"u8)) end = Text(ref reader);
            else reader.Skip();
        }

        return end;
    }

    /// <summary>coding[].code of a CodeableConcept.</summary>
    private static List<string>? Codes(ref Utf8JsonReader reader)
    {
        List<string>? codes = null;
        reader.Read();
        int concept = reader.CurrentDepth;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return null;
        }

        while (reader.Read() && !(reader.TokenType == JsonTokenType.EndObject && reader.CurrentDepth == concept))
        {
            // concept { coding [ { code } ] }: the code's name stands three levels in; deeper ones belong to extensions.
            if (reader.TokenType != JsonTokenType.PropertyName) continue;
            if (reader.CurrentDepth == concept + 3 && reader.ValueTextEquals("code"u8) && Text(ref reader) is { } code) (codes ??= []).Add(code);
            else if (reader.CurrentDepth == concept + 1 && !reader.ValueTextEquals("coding"u8)) reader.Skip();
        }

        return codes;
    }
}
