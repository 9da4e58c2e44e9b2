using ReferralService.Fhir.Errors;
using ReferralService.Fhir.Json;
using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering;

/// <summary>The one exception to "another patient's is never carried": what was charted of a newborn in its mother's record (or the other way round).</summary>
/// <remarks>
/// Three things must hold, and each is read at the EHR: the resource's <c>focus</c> is our Patient (R4: whom an observation is about when that
/// is not the patient of record); its subject is a Patient of this EHR; and a RelatedPerson says that the two are mother and child. Two Patients
/// and a RelatedPerson are joined by <c>Patient.link</c> on one side and <c>RelatedPerson.patient</c> on the other (R4, patient.html#maternity).
/// What is about the mother herself is hers, whoever names it.
/// </remarks>
internal sealed class MotherAndChild(EhrConnection ehr, RecordIndex index, ResourceKey patient, OwnOrigin own)
{
    private static readonly HashSet<string> Relationships = new(StringComparer.Ordinal)
    {
        // v3-RoleCode: mother, natural and gestational; child, natural, daughters and sons.
        "MTH", "NMTH", "GESTM", "CHILD", "NCHILD", "DAU", "DAUC", "SON", "SONC",
        // v2-0063: child, natural child (and MTH).
        "CHD", "NCH",
    };

    /// <summary>Links looked at on each side; records have one or two.</summary>
    private const int MostPersons = 10;

    private static readonly string[] Systems = ["v3-RoleCode", "v2-0063"];

    /// <summary>Null: it is not this exception, or what would say so cannot be read.</summary>
    public async Task<PatientException?> ProveAsync(ResourceKey resource, CancellationToken cancellationToken)
    {
        if (resource.Type != "Observation" || await ReferencesAsync(resource, cancellationToken) is not { } references) return null;
        if (Targets(references, "subject") is not [{ Type: "Patient" } other] || !Targets(references, "focus").Contains(patient)) return null;
        if (await ReferencesAsync(other, cancellationToken) is not { } theirs || index.Find(patient) is not { } mine) return null;
        foreach (var (person, of) in Persons(theirs, patient).Concat(Persons(mine.References, other)))
        {
            if (await RelatesAsync(person, of, cancellationToken)) return new PatientException(resource, other, person);
        }

        return null;
    }

    private IEnumerable<(ResourceKey Person, ResourceKey Of)> Persons(IReadOnlyList<FoundReference> patientReferences, ResourceKey of)
        => Targets(patientReferences, "link.other").Where(k => k.Type == "RelatedPerson").Take(MostPersons).Select(k => (k, of));

    private async Task<bool> RelatesAsync(ResourceKey person, ResourceKey of, CancellationToken cancellationToken)
    {
        if (await ReadAsync(person, cancellationToken) is not { } body) return false;
        var references = new List<FoundReference>();
        ReferenceScanner.Scan(body.Utf8.Span, references);
        return Targets(references, "patient") is [var whose] && whose == of && SaysMotherOrChild(body);
    }

    private static bool SaysMotherOrChild(RawResource person)
    {
        IReadOnlyList<ConceptView> relationships = [];
        try
        {
            var e = ElementReader.Open(person, "RelatedPerson");
            while (e.Next())
            {
                if (e.Is("relationship"u8)) relationships = e.Concepts();
                else e.Skip();
            }
        }
        catch (FhirFormatException)
        {
            // What cannot be read proves nothing.
            return false;
        }

        return relationships.SelectMany(r => r.Codings).Any(c => c.Code is { } code && Relationships.Contains(code) && Systems.Any(s => c.System?.EndsWith(s, StringComparison.Ordinal) == true));
    }

    private async Task<IReadOnlyList<FoundReference>?> ReferencesAsync(ResourceKey key, CancellationToken cancellationToken)
    {
        if (await ReadAsync(key, cancellationToken) is not { } body) return null;
        var references = new List<FoundReference>();
        ReferenceScanner.Scan(body.Utf8.Span, references);
        return references;
    }

    private async Task<RawResource?> ReadAsync(ResourceKey key, CancellationToken cancellationToken)
    {
        try
        {
            var body = await ehr.GetAsync((client, token) => client.ReadAsync(key.Type, key.Id, token), cancellationToken);
            return body.Key == key ? body : null;
        }
        catch (Exception e) when (EhrFailure.Of(e) is not null)
        {
            return null;
        }
    }

    private List<ResourceKey> Targets(IReadOnlyList<FoundReference> references, string path) =>
    [
        .. references.Where(r => r.Site == ReferenceSite.Reference && r.Path == path)
            .Select(r => FhirReference.Parse(r.Text)).Where(own.Holds).Select(r => r.Key).OfType<ResourceKey>(),
    ];
}
