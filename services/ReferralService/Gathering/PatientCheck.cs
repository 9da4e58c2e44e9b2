using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering;

/// <summary>Whose a resource is, from harmless to worst.</summary>
internal enum PatientTie
{
    /// <summary>It says of nobody.</summary>
    None,
    Ours,

    /// <summary>Of a group or a thing, or of somebody whose identity only its own text tells (contained).</summary>
    Unverifiable,

    /// <summary>Another Patient, or one of another server.</summary>
    Other,
}

/// <summary>Finds whose a resource is, by the references that R4's patient compartment goes by.</summary>
internal sealed class PatientCheck(ResourceKey patient, OwnOrigin own)
{
    private readonly string _usual = patient.ToString();

    public PatientTie TieOf(ResourceKey key, IReadOnlyList<FoundReference> references)
    {
        if (key.Type == "Patient") return key == patient ? PatientTie.Ours : PatientTie.Other;
        var tie = PatientTie.None;
        for (int i = 0; i < references.Count; i++)
        {
            var found = references[i];
            if (found.Site != ReferenceSite.Reference || PatientLinks.Of(key.Type, found.Path) is not (not PatientLink.None and var link)) continue;
            var one = found.Text == _usual ? PatientTie.Ours : TieOf(FhirReference.Parse(found.Text));
            if (link == PatientLink.Party && one == PatientTie.Unverifiable) continue;
            if (one > tie) tie = one;
        }

        return tie;
    }

    private PatientTie TieOf(FhirReference reference)
    {
        if (reference.Key is not { Type: "Patient" } key) return PatientTie.Unverifiable;
        return key == patient && own.Holds(reference) ? PatientTie.Ours : PatientTie.Other;
    }
}
