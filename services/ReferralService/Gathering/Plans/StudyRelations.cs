using ReferralService.Fhir.Errors;
using ReferralService.Fhir.Json;
using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering.Plans;

/// <param name="By">What tells that they belong together: <c>basedOn</c>, <c>accession</c>, <c>procedureReference</c>, <c>procedureCode</c>.</param>
internal sealed record StudyRelation(ResourceKey Study, string By);

/// <summary>Finds the image studies that a report speaks of without naming them: most systems keep reports and images apart.</summary>
/// <remarks>In order of how sure it is: made for the same order; the same accession number; of the procedure itself; the same procedure code within a day.</remarks>
internal sealed class StudyRelations
{
    /// <summary>v2-0203: accession number.</summary>
    private const string AccessionType = "ACSN";

    private static readonly TimeSpan SameExamination = TimeSpan.FromDays(1);

    private readonly OwnOrigin _own;
    private readonly List<Study> _studies = [];

    private StudyRelations(OwnOrigin own) => _own = own;

    private sealed record Study(
        ResourceKey Key, IReadOnlySet<ResourceKey> Orders, IReadOnlySet<ResourceKey> Procedures, IReadOnlyList<FhirIdentifier> Identifiers, IReadOnlyList<CodingView> Codes, PlanDate? When);

    public static StudyRelations Of(RecordIndex index, OwnOrigin own)
    {
        byte[] buffer = [];
        var relations = new StudyRelations(own);
        foreach (var key in index.Keys().Where(k => k.Type == "ImagingStudy"))
        {
            var held = index.Find(key)!;
            var body = RawResource.Read(index.ThinBody(held, ref buffer));
            var (identifiers, codes) = Read(body);
            relations._studies.Add(new Study(key, relations.Targets(held, "basedOn"), relations.Targets(held, "procedureReference"), identifiers, codes, RelevanceReading.Read(body).When));
        }

        return relations;
    }

    /// <summary>By study, each once; empty for what cannot have images of its own.</summary>
    public IReadOnlyList<StudyRelation> To(GatheredResource report, RawResource body, RelevanceFacts facts)
    {
        if (_studies.Count == 0 || report.Key.Type is not ("DiagnosticReport" or "DocumentReference" or "Procedure" or "Observation")) return [];
        var orders = Targets(report, "basedOn");
        var (identifiers, _) = Read(body);
        return [.. _studies.Select(s => By(s, report.Key, orders, identifiers, facts) is { } by ? new StudyRelation(s.Key, by) : null).OfType<StudyRelation>()];
    }

    private static string? By(Study study, ResourceKey report, IReadOnlySet<ResourceKey> orders, IReadOnlyList<FhirIdentifier> identifiers, RelevanceFacts facts)
    {
        if (study.Orders.Overlaps(orders)) return "basedOn";
        if (study.Identifiers.Any(one => identifiers.Any(other => IsSameAccession(one, other)))) return "accession";
        if (study.Procedures.Contains(report)) return "procedureReference";
        bool sameCode = study.Codes.Any(one => one is { System: not null, Code: not null } && facts.Codes.Any(other => one.System == other.System && one.Code == other.Code));
        return sameCode && study.When is { } taken && facts.When is { } reported && (taken.Earliest - reported.Earliest).Duration() <= SameExamination ? "procedureCode" : null;
    }

    /// <summary>One of them must say that it is an accession number, and neither name another issuer.</summary>
    private static bool IsSameAccession(FhirIdentifier one, FhirIdentifier other)
        => one.Value is not null && one.Value == other.Value
            && (one.TypeCode == AccessionType || other.TypeCode == AccessionType)
            && (one.System is null || other.System is null || one.System == other.System);

    /// <summary>Another server's order of the same id is another order.</summary>
    private HashSet<ResourceKey> Targets(GatheredResource resource, string path)
        => [.. resource.References.Where(r => r.Site == ReferenceSite.Reference && r.Path == path).Select(r => FhirReference.Parse(r.Text)).Where(_own.Holds).Select(r => r.Key).OfType<ResourceKey>()];

    private static (IReadOnlyList<FhirIdentifier> Identifiers, IReadOnlyList<CodingView> Codes) Read(RawResource resource)
    {
        IReadOnlyList<FhirIdentifier> identifiers = [];
        IReadOnlyList<CodingView> codes = [];
        try
        {
            var e = ElementReader.Open(resource);
            while (e.Next())
            {
                if (e.Is("identifier"u8)) identifiers = e.Identifiers();
                else if (e.Is("procedureCode"u8)) codes = [.. e.Concepts().SelectMany(c => c.Codings)];
                else e.Skip();
            }
        }
        catch (FhirFormatException)
        {
            // Not as R4 has it: then it tells nothing here, and the lint tells of it.
        }

        return (identifiers, codes);
    }
}
