using System.Text;
using ReferralService.Fhir.References;
using ReferralService.Gathering;
using ReferralService.Gathering.Plans;

namespace ReferralService.Tests.Gathering;

/// <summary>The table of edges against R4's definitions, and each edge of it in a gathering over HTTP.</summary>
public sealed class ReferenceEdgesTests
{
    private static readonly string[] Carried =
    [
        "AllergyIntolerance", "Binary", "BodyStructure", "CarePlan", "CareTeam", "ClinicalImpression", "Composition", "Condition", "Coverage", "Device", "DiagnosticReport",
        "DocumentReference", "Encounter", "Endpoint", "FamilyMemberHistory", "Goal", "HealthcareService", "ImagingStudy", "Immunization", "Location", "Media", "Medication",
        "MedicationAdministration", "MedicationDispense", "MedicationRequest", "MedicationStatement", "MolecularSequence", "Observation", "Organization", "Patient",
        "Practitioner", "PractitionerRole", "Procedure", "QuestionnaireResponse", "RelatedPerson", "ServiceRequest", "Specimen",
    ];

    /// <summary>Those above, whatever a shipped plan asks for, and whatever a followed element of theirs may lead to.</summary>
    private static IEnumerable<string> TypesOfAPackage => Carried
        .Concat(PlanBook.Shipped().All.SelectMany(p => p.Items).SelectMany(i => i.Types))
        .Concat(ReferenceEdges.All.Where(e => e.IsFollowed).SelectMany(e => ElementsThatRefer.Of(e.Type).Single(r => r.Path == e.Path).Targets))
        .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    [TestCaseSource(nameof(TypesOfAPackage))]
    public void Of_every_type_that_a_package_carries_each_reference_is_decided_on(string type)
    {
        var decided = ReferenceEdges.All.Where(e => e.Type == type).Select(e => e.Path);

        Assert.That(decided, Is.EquivalentTo(ElementsThatRefer.Of(type).Select(e => e.Path)));
    }

    private static IEnumerable<TestCaseData> Followed => Cases(e => e.IsFollowed);

    private static IEnumerable<TestCaseData> Named => Cases(e => e.How == Following.Name);

    private static IEnumerable<TestCaseData> PassedOver => Cases(e => e.How == Following.Pass && PatientLinks.Of(e.Type, e.Path) == PatientLink.None && !Element(e).IsCanonical && Target(Element(e)) != "Patient");

    [TestCaseSource(nameof(Followed))]
    public async Task What_is_followed_comes_with_the_edge_as_its_reason(string type, string path)
    {
        var (edge, element) = Find(type, path);
        await using var bench = await BenchAsync(edge, element);
        bench.Load(Resource(Target(element), "target"));

        await using var record = await bench.RecordAsync();

        var target = record.Resources.Single(r => r.Key.Id == "target");
        Assert.That(target.Reasons, Does.Contain(new InclusionReason(edge.Rule, Source(edge))));
    }

    [TestCaseSource(nameof(Followed))]
    public async Task What_is_followed_and_not_there_is_told(string type, string path)
    {
        var (edge, element) = Find(type, path);
        await using var bench = await BenchAsync(edge, element);

        await using var record = await bench.RecordAsync();

        Assert.That(record.GapLines(), Does.Contain($"{Target(element)}/target not-found {edge.Rule}"));
    }

    [TestCaseSource(nameof(Named))]
    public async Task What_is_only_named_is_told_and_not_asked_for(string type, string path)
    {
        var (edge, element) = Find(type, path);
        await using var bench = await BenchAsync(edge, element);

        await using var record = await bench.RecordAsync();

        Assert.Multiple(() =>
        {
            Assert.That(record.GapLines(), Does.Contain($"{Target(element)}/target named-only {edge.Rule}"));
            Assert.That(Asked(bench, element), Is.Empty);
        });
    }

    [TestCaseSource(nameof(PassedOver))]
    public async Task What_is_passed_over_is_neither_told_nor_asked_for(string type, string path)
    {
        var (edge, element) = Find(type, path);
        await using var bench = await BenchAsync(edge, element);

        await using var record = await bench.RecordAsync();

        Assert.Multiple(() =>
        {
            Assert.That(record.Keys(), Does.Contain(Source(edge)));
            Assert.That(record.GapLines(), Has.None.Contains("/target"));
            Assert.That(Asked(bench, element), Is.Empty);
        });
    }

    [Test]
    public async Task What_is_named_and_comes_for_another_reason_is_not_told_as_missing()
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder("\"reasonReference\":[{\"reference\":\"Condition/a\"}]").Load(
            """{"resourceType":"Condition","id":"a","subject":{"reference":"Patient/p1"}}""",
            """{"resourceType":"MedicationRequest","id":"m","status":"active","intent":"order","subject":{"reference":"Patient/p1"},"reasonReference":[{"reference":"Condition/a"}]}""");

        await using var record = await bench.RecordAsync();

        Assert.That(record.Keys(), Does.Contain("MedicationRequest/m"));
        Assert.That(record.GapLines(), Is.Empty);
    }

    [TestCase("QuestionnaireResponse", "item.item.answer.valueAttachment", Following.Follow)]
    [TestCase("QuestionnaireResponse", "item.answer.item.item.answer.valueReference", Following.Name)]
    [TestCase("Composition", "section.section.entry", Following.Name)]
    public void What_stands_inside_itself_is_one_and_the_same_element(string type, string path, object how)
        => Assert.That(ReferenceEdges.Decide(type, path, Reach.Record)?.How, Is.EqualTo(how));

    private static IEnumerable<TestCaseData> Cases(Func<ReferenceEdge, bool> wanted)
        => ReferenceEdges.All.Where(wanted).OrderBy(e => e.Rule, StringComparer.Ordinal).Select(e => new TestCaseData(e.Type, e.Path).SetArgDisplayNames(e.Rule));

    private static (ReferenceEdge Edge, ElementsThatRefer.Element Element) Find(string type, string path)
    {
        var edge = ReferenceEdges.All.Single(e => e.Type == type && e.Path == path);
        return (edge, Element(edge));
    }

    private static ElementsThatRefer.Element Element(ReferenceEdge edge) => ElementsThatRefer.Of(edge.Type).Single(e => e.Path == edge.Path);

    /// <summary>A type the element may lead to; the Patient only where there is no other.</summary>
    private static string Target(ElementsThatRefer.Element element)
        => element.IsAttachment ? "Binary" : element.Targets.Length == 0 ? "Observation" : element.Targets.FirstOrDefault(t => t is not "Patient") ?? "Patient";

    private static string Source(ReferenceEdge edge) => edge.Type switch
    {
        "ServiceRequest" => "ServiceRequest/o1",
        "Patient" => "Patient/p1",
        _ => $"{edge.Type}/source",
    };

    private static IEnumerable<string> Asked(GatherBench bench, ElementsThatRefer.Element element)
        => bench.Ehr.Requests.All.Select(r => r.PathAndQuery).Where(p => p == $"/{Target(element)}/target" || p.Contains("_id=", StringComparison.Ordinal));

    /// <summary>An EHR in which the order leads to a resource with the element, and that leads to "target", which is not there yet.</summary>
    private static async Task<GatherBench> BenchAsync(ReferenceEdge edge, ElementsThatRefer.Element element)
    {
        var bench = await GatherBench.StartAsync();
        string refers = Written(element, $"{Target(element)}/target");
        if (edge.Type == "ServiceRequest") return bench.WithOrder(refers);
        bench.WithOrder(edge.Type == "Patient" ? "" : $$"""
            "supportingInfo":[{"reference":"{{edge.Type}}/source"}]
            """);
        bench.Load(edge.Type == "Patient" ? $$"""{"resourceType":"Patient","id":"p1",{{refers}}}""" : Resource(edge.Type, "source", refers, element.Path));
        return bench;
    }

    private static string Resource(string type, string id, string refers = "", string path = "")
    {
        var patient = ElementsThatRefer.Patient(type);
        string about = patient is null || patient.Path == path ? "" : $",{Written(patient, "Patient/p1")}";
        string content = type == "Binary" ? ",\"contentType\":\"application/pdf\",\"data\":\"AAAA\"" : "";
        return $$"""{"resourceType":"{{type}}","id":"{{id}}"{{about}}{{content}}{{(refers.Length > 0 ? "," + refers : "")}}}""";
    }

    private static string Written(ElementsThatRefer.Element element, string target)
    {
        var steps = element.Path.Split('.');
        var json = new StringBuilder(element.IsAttachment ? $$"""{"contentType":"application/pdf","url":"{{target}}"}""" : $$"""{"reference":"{{target}}"}""");
        for (int i = steps.Length - 1; i >= 0; i--)
        {
            if (element.Lists[i]) json.Insert(0, '[').Append(']');
            json.Insert(0, $"\"{steps[i]}\":");
            if (i > 0) json.Insert(0, '{').Append('}');
        }

        return json.ToString();
    }
}
