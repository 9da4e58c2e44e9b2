using ReferralService.Fhir.Errors;
using ReferralService.Fhir.Json;
using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering.Plans;

/// <param name="By">What tells that they belong together: <c>basedOn</c>, <c>accession</c>, <c>procedureReference</c>, <c>procedureCode</c>.</param>
internal sealed record StudyRelation(ResourceKey Study, string By);

/// <summary>Finds the image studies that a report speaks of without naming them: most systems keep reports and images apart.</summary>
/// <remarks>In order of how sure it is: made for the same order; the same accession number; of the procedure itself; the same procedure code within a day.</remarks>
internal sealed class StudyRelations : IDisposable
{
    /// <summary>v2-0203: accession number.</summary>
    private const string AccessionType = "ACSN";

    private static readonly IReadOnlySet<ResourceKey> NoKeys = new HashSet<ResourceKey>();

    private static readonly TimeSpan SameExamination = TimeSpan.FromDays(1);

    private readonly RecordIndex _index;
    private readonly OwnOrigin _own;
    private readonly List<Study> _studies = [];
    private readonly JsonTokens _tokens = new();
    private byte[] _buffer = [];

    private StudyRelations(RecordIndex index, OwnOrigin own) => (_index, _own) = (index, own);

    private sealed record Study(
        ResourceKey Key, IReadOnlySet<ResourceKey> Orders, IReadOnlySet<ResourceKey> Procedures, IReadOnlyList<FhirIdentifier> Identifiers, IReadOnlyList<CodingView> Codes, PlanDate? When);

    public static StudyRelations Of(RecordIndex index, OwnOrigin own)
    {
        byte[] buffer = [];
        var relations = new StudyRelations(index, own);
        foreach (var held in index.InOrder())
        {
            if (held.Key.Type != ImageEvidence.Study) continue;
            var (identifiers, codes) = Read(index.ThinResource(held, ref buffer, relations._tokens));
            relations._studies.Add(new Study(held.Key, relations.Targets(held, "basedOn"), relations.Targets(held, "procedureReference"), identifiers, codes, index.FactsOf(held).When));
        }

        return relations;
    }

    public void Dispose() => _tokens.Dispose();

    /// <summary>By study, each once; empty for what cannot have images of its own.</summary>
    public IReadOnlyList<StudyRelation> To(GatheredResource report, RelevanceFacts facts)
    {
        if (_studies.Count == 0 || report.Key.Type is not ("DiagnosticReport" or "DocumentReference" or "Procedure" or "Observation")) return [];
        var orders = Targets(report, "basedOn");
        var identifiers = facts.HasIdentifiers ? Read(_index.ThinResource(report, ref _buffer, _tokens)).Identifiers : [];
        List<StudyRelation>? related = null;
        foreach (var study in _studies)
        {
            if (By(study, report.Key, orders, identifiers, facts) is { } by) (related ??= []).Add(new StudyRelation(study.Key, by));
        }

        return related ?? (IReadOnlyList<StudyRelation>)[];
    }

    private static string? By(Study study, ResourceKey report, IReadOnlySet<ResourceKey> orders, IReadOnlyList<FhirIdentifier> identifiers, RelevanceFacts facts)
    {
        if (orders.Count > 0 && study.Orders.Overlaps(orders)) return "basedOn";
        if (identifiers.Count > 0 && study.Identifiers.Any(one => identifiers.Any(other => IsSameAccession(one, other)))) return "accession";
        if (study.Procedures.Contains(report)) return "procedureReference";
        return study.When is { } taken && facts.When is { } reported && (taken.Earliest - reported.Earliest).Duration() <= SameExamination && HaveOneCode(study.Codes, facts.Codes) ? "procedureCode" : null;
    }

    private static bool HaveOneCode(IReadOnlyList<CodingView> some, IReadOnlyList<CodingView> others)
    {
        foreach (var one in some)
        {
            if (one is { System: not null, Code: not null } && others.Any(other => one.System == other.System && one.Code == other.Code)) return true;
        }

        return false;
    }

    /// <summary>One of them must say that it is an accession number, and neither name another issuer.</summary>
    private static bool IsSameAccession(FhirIdentifier one, FhirIdentifier other)
        => one.Value is not null && one.Value == other.Value
            && (one.TypeCode == AccessionType || other.TypeCode == AccessionType)
            && (one.System is null || other.System is null || one.System == other.System);

    /// <summary>Another server's order of the same id is another order.</summary>
    private IReadOnlySet<ResourceKey> Targets(GatheredResource resource, string path)
    {
        HashSet<ResourceKey>? targets = null;
        foreach (var found in resource.References)
        {
            if (found.Site != ReferenceSite.Reference || found.Path != path) continue;
            var reference = FhirReference.Parse(found.Text);
            if (_own.Holds(reference) && reference.Key is { } key) (targets ??= []).Add(key);
        }

        return targets ?? NoKeys;
    }

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
