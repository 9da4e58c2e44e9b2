using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;

namespace ReferralService.RecipientDirectory;

/// <summary>Which recipient a reference or an identifier means, by the configured <c>Matches</c>.</summary>
internal sealed class RecipientIndex
{
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);

    public RecipientIndex(RecipientRegistry recipients)
    {
        foreach (var recipient in recipients.All)
        {
            foreach (var match in recipient.Matches)
            {
                _names[RecipientMatch.Key(match)] = recipient.Name;
            }
        }
    }

    /// <param name="ehrBase">Base URL of the EHR in whose resource the reference stands: a relative reference and the absolute one there are the same.</param>
    public string? Find(FhirReference reference, string ehrBase)
    {
        var url = reference.AbsoluteUrl(ehrBase);
        if (url is null)
        {
            return null;
        }

        var absolute = RecipientMatch.Absolute(url);
        var here = RecipientMatch.Absolute($"{ehrBase.TrimEnd('/')}/{reference.Type}/{reference.Id}");
        return _names.GetValueOrDefault(absolute) ?? (absolute == here ? _names.GetValueOrDefault($"{reference.Type}/{reference.Id}") : null);
    }

    public string? Find(FhirIdentifier identifier) => RecipientMatch.Key(identifier) is { } key ? _names.GetValueOrDefault(key) : null;
}
