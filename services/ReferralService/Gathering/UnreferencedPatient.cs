using System.Text.Json;
using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering;

/// <summary>Finds resources that say whose they are by a name or an identifier instead of a reference: nobody can tell whether that is our patient.</summary>
internal static class UnreferencedPatient
{
    public static bool In(RawResource resource, IReadOnlyList<FoundReference> references)
    {
        for (int i = 0; i < references.Count; i++)
        {
            if (PatientLinks.Of(resource.Type, references[i].Path) == PatientLink.Subject) return false;
        }

        var reader = resource.Reader();
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isLink = PatientLinks.Of(resource.Type, reader.GetString()!) == PatientLink.Subject;
            reader.Read();
            if (isLink && reader.TokenType is (JsonTokenType.StartObject or JsonTokenType.StartArray)) return true;
            reader.Skip();
        }

        return false;
    }
}
