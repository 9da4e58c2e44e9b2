using System.Collections.Concurrent;
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

/// <summary>A resource about this patient that stands in another Patient's record.</summary>
/// <param name="Patient">In whose record it stands.</param>
/// <param name="Proof">What says how the two belong together: <c>RelatedPerson/123</c>.</param>
internal sealed record PatientException(ResourceKey Resource, ResourceKey Patient, ResourceKey Proof)
{
    /// <summary>The only one there is: what was charted of a child in its mother's record, or the other way round.</summary>
    public const string Rule = "exception.mother-and-child";
}

/// <summary>Finds whose a resource is, by the references that R4's patient compartment goes by.</summary>
/// <remarks>
/// There is one Patient in a package. What is of a Patient that <c>Patient.link</c> calls the same person is another's all the same: whether that
/// person let it go is written in Consents of the other record. Records are joined at the EHR, not here.
/// </remarks>
internal sealed class PatientCheck(ResourceKey patient, OwnOrigin own)
{
    private readonly string _usual = patient.ToString();

    /// <summary>Null until there is one: few records have any.</summary>
    private ConcurrentDictionary<ResourceKey, PatientException>? _exceptions;

    public PatientCheck(ResourceKey patient, OwnOrigin own, IEnumerable<PatientException> exceptions)
        : this(patient, own)
    {
        foreach (var exception in exceptions) Accept(exception);
    }

    /// <summary>By resource.</summary>
    public IReadOnlyList<PatientException> Exceptions
        => _exceptions is null ? [] : [.. _exceptions.Values.OrderBy(e => e.Resource.Type, StringComparer.Ordinal).ThenBy(e => e.Resource.Id, StringComparer.Ordinal)];

    /// <summary>From now on this one resource counts as ours although it stands in that Patient's record.</summary>
    public void Accept(PatientException exception) => LazyInitializer.EnsureInitialized(ref _exceptions, static () => new())[exception.Resource] = exception;

    public PatientTie TieOf(ResourceKey key, IReadOnlyList<FoundReference> references)
    {
        if (key.Type == "Patient") return key == patient ? PatientTie.Ours : PatientTie.Other;
        var tie = PatientTie.None;
        for (int i = 0; i < references.Count; i++)
        {
            if (TieOf(key, references[i]) is var one && one > tie) tie = one;
        }

        return tie;
    }

    /// <summary>What one reference says of it.</summary>
    public PatientTie TieOf(ResourceKey key, in FoundReference found)
    {
        if (found.Site != ReferenceSite.Reference || PatientLinks.Of(key.Type, found.Path) is not (not PatientLink.None and var link)) return PatientTie.None;
        if (found.Text == _usual) return PatientTie.Ours;
        var reference = FhirReference.Parse(found.Text);
        if (reference.Type != "Patient") return link == PatientLink.Party ? PatientTie.None : PatientTie.Unverifiable;

        // A search instead of a reference may find anybody.
        if (reference.Key is not { } named) return PatientTie.Unverifiable;
        if (!own.Holds(reference)) return PatientTie.Other;
        return named == patient || (_exceptions is { } exceptions && exceptions.TryGetValue(key, out var exception) && exception.Patient == named) ? PatientTie.Ours : PatientTie.Other;
    }
}
