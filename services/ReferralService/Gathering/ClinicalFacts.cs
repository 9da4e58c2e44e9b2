using System.Text.Json;
using ReferralService.Fhir.Json;
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
        var reader = resource.Reader();
        string? status = null;
        TokenReader effective = default, issued = default;
        IReadOnlyList<string> clinical = [], verification = [];
        bool open = false;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            switch (reader.ValueSpan.Length)
            {
                case 6 when reader.ValueTextEquals("status"u8):
                    status = Onto(ref reader) ? StatusCodes.Text(in reader) : null;
                    break;
                case 14 when reader.ValueTextEquals("clinicalStatus"u8):
                    clinical = Codes(ref reader) ?? clinical;
                    break;
                case 18 when reader.ValueTextEquals("verificationStatus"u8):
                    verification = Codes(ref reader) ?? verification;
                    break;
                case 6 when reader.ValueTextEquals("issued"u8):
                    issued = Onto(ref reader) ? reader : default;
                    break;
                case 17 when reader.ValueTextEquals("effectiveDateTime"u8):
                case 16 when reader.ValueTextEquals("effectiveInstant"u8):
                    effective = Onto(ref reader) ? reader : default;
                    break;
                case 15 when reader.ValueTextEquals("effectivePeriod"u8):
                    effective = PeriodEnd(ref reader);
                    open = effective.TokenType == JsonTokenType.None;
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        if (effective.TokenType == JsonTokenType.None) effective = issued;
        return new ClinicalFacts(
            status, clinical, status == "entered-in-error" || verification.Contains("entered-in-error"),
            open || effective.TokenType == JsonTokenType.None ? null : effective.ValueIsEscaped ? FhirDate.Latest(effective.GetString()) : FhirDate.Latest(effective.ValueSpan));
    }

    /// <summary>From a name onto its value if that is a text, else past it.</summary>
    private static bool Onto(scoped ref TokenReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String) return true;
        reader.Skip();
        return false;
    }

    /// <summary>On its text; on nothing when it has none.</summary>
    private static TokenReader PeriodEnd(scoped ref TokenReader reader)
    {
        TokenReader end = default;
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return end;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("end"u8)) end = Onto(ref reader) ? reader : default;
            else reader.Skip();
        }

        return end;
    }

    /// <summary>coding[].code of a CodeableConcept.</summary>
    private static List<string>? Codes(ref TokenReader reader)
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
            if (reader.CurrentDepth == concept + 3 && reader.ValueTextEquals("code"u8))
            {
                if (Onto(ref reader)) (codes ??= []).Add(StatusCodes.Text(in reader));
            }
            else if (reader.CurrentDepth == concept + 1 && !reader.ValueTextEquals("coding"u8)) reader.Skip();
        }

        return codes;
    }
}
