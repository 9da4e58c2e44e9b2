using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering;

/// <summary>What the references of one record mean: every result names the Patient and the visit, and each text is understood once. Not safe from several threads.</summary>
/// <param name="expected">About how many there are; more may come.</param>
internal sealed class ReferenceTexts(OwnOrigin own, int expected = 0)
{
    /// <summary>By the string itself: those of a record's references are shared.</summary>
    private readonly Dictionary<string, (FhirReference Reference, bool IsOwn)> _known = new(expected, ReferenceEqualityComparer.Instance);

    /// <param name="isOwn">It names something at the EHR.</param>
    public FhirReference Of(string text, out bool isOwn)
    {
        if (!_known.TryGetValue(text, out var known))
        {
            var reference = FhirReference.Parse(text);
            _known.Add(text, known = (reference, own.Holds(reference)));
        }

        isOwn = known.IsOwn;
        return known.Reference;
    }

    /// <summary>What it names at the EHR; null when that is nothing.</summary>
    public ResourceKey? KeyOf(string text) => Of(text, out bool isOwn) is var reference && isOwn ? reference.Key : null;
}
