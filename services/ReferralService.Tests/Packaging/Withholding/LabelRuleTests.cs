using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ReferralService.Packaging.Withholding;
using ReferralService.Tests.Contracts;
using static ReferralService.Tests.Packaging.Withholding.WithholdingBench;

namespace ReferralService.Tests.Packaging.Withholding;

internal sealed class LabelRuleTests
{
    private const string Icd = "http://hl7.org/fhir/sid/icd-10-cm", Sct = "http://snomed.info/sct", Loinc = "http://loinc.org", Atc = "http://www.whocc.no/atc", Rx = "http://www.nlm.nih.gov/research/umls/rxnorm";

    /// <summary>Where a copy of the lists lies for reading.</summary>
    private static readonly string Shipped = Path.Combine(Path.GetDirectoryName(typeof(LabelFiles).Assembly.Location)!, "labels");

    [TestCase(Icd, "B20", "HIV", "hiv/3")]
    [TestCase("http://hl7.org/fhir/sid/icd-10", "B23.8", "HIV", "hiv/3")]
    [TestCase(Icd, "Z21", "HIV", "hiv/3")]
    [TestCase(Sct, "86406008", "HIV", "hiv/3")]
    [TestCase(Loinc, "20447-9", "HIV", "hiv/3")]
    [TestCase(Atc, "J05AR20", "HIV", "hiv/3")]
    [TestCase(Atc, "J05AJ03", "HIV", "hiv/3")]
    [TestCase(Atc, "J05AG04", "HIV", "hiv/3")]
    [TestCase(Icd, "F10.20", "ETH,SUD", "substance-use/3")]
    [TestCase(Icd, "f11.11", "ETH,SUD", "substance-use/3")]
    [TestCase(Sct, "5602001", "ETH,SUD", "substance-use/3")]
    [TestCase(Atc, "N07BC01", "ETH,SUD", "substance-use/3")]
    [TestCase(Icd, "F33.1", "PSY", "mental-health/2")]
    [TestCase(Loinc, "44249-1", "PSY", "mental-health/2")]
    [TestCase(Icd, "A54.9", "STD", "sexually-transmitted/2")]
    [TestCase(Icd, "O98.711", "HIV", "hiv/3")]
    [TestCase(Icd, "O98711", "HIV", "hiv/3")]
    [TestCase(Icd, "R45851", "PSY", "mental-health/2")]
    [TestCase(Icd, "T74.11XA", "SDV", "violence/2")]
    [TestCase(Rx, "1433868", "HIV", "hiv/3")]
    [TestCase(Rx, "1999673", "HIV", "hiv/3")]
    [TestCase(Rx, "7243", "ETH,SUD", "substance-use/3")]
    [TestCase(Rx, "2626", "PSY", "mental-health/2")]
    [TestCase(Atc, "N05AN01", "PSY", "mental-health/2")]
    public void A_code_of_a_list_labels_what_bears_it_and_names_the_list(string system, string code, string sensitivities, string rule)
    {
        var labels = Labels.Of(system, code);

        Assert.Multiple(() =>
        {
            Assert.That(string.Join(',', labels.Sensitivities), Is.EqualTo(sensitivities));
            Assert.That(labels.Level, Is.EqualTo(Confidentiality.Restricted));
            Assert.That(labels.Rules, Is.EqualTo(new[] { rule }));
            Assert.That(labels.IsPart2, Is.False, "a law about who keeps the record is never concluded from a code");
        });
    }

    /// <summary>Records out of CDA or v2 carry OIDs, older German ones the names of DIMDI.</summary>
    [TestCase("urn:oid:2.16.840.1.113883.6.90", "B20")]
    [TestCase("urn:oid:2.16.840.1.113883.6.3", "B20")]
    [TestCase("urn:oid:2.16.840.1.113883.6.96", "86406008")]
    [TestCase("urn:oid:2.16.840.1.113883.6.1", "20447-9")]
    [TestCase("urn:oid:2.16.840.1.113883.6.88", "1433868")]
    [TestCase("urn:oid:2.16.840.1.113883.6.73", "J05AR20")]
    [TestCase("http://fhir.de/CodeSystem/bfarm/icd-10-gm", "B20")]
    [TestCase("http://fhir.de/CodeSystem/dimdi/icd-10-gm", "B20")]
    [TestCase("http://fhir.de/CodeSystem/bfarm/atc", "J05AR20")]
    [TestCase("http://fhir.de/CodeSystem/dimdi/atc", "J05AR20")]
    public void A_code_system_is_known_by_each_of_its_names(string system, string code) => Assert.That(Labels.Of(system, code).Sensitivities, Is.EqualTo(new[] { "HIV" }));

    [Test]
    public void A_list_may_use_any_name_of_a_code_system()
    {
        var codes = new LabelCodes(["urn:oid:2.16.840.1.113883.6.88"], ["1"], []);
        var book = new LabelBook([new LabelRule("own", "1", ["own"], new SecurityLabels { Sensitivities = ["GDIS"] }, [codes])]);

        Assert.That(book.Of(Rx, "1").Sensitivities, Is.EqualTo(new[] { "GDIS" }));
    }

    [TestCase(Icd, "F17.210")]
    [TestCase(Icd, "F52.21")]
    [TestCase(Icd, "B25.9")]
    [TestCase(Icd, "A65")]
    [TestCase(Icd, "C62.9")]
    [TestCase(Sct, "B20")]
    [TestCase(Atc, "J05AF10")]
    [TestCase(Atc, "J05AE30")]
    [TestCase(Loinc, "2857-1")]
    public void Neighbours_of_the_lists_are_not_labelled(string system, string code) => Assert.That(Labels.Of(system, code), Is.SameAs(SecurityLabels.None));

    [TestCase("""{"resourceType":"Condition","code":{"coding":[{"system":"http://snomed.info/sct","code":"1"},{"code":"B20","system":"http://hl7.org/fhir/sid/icd-10-cm"}]}}""")]
    [TestCase("""{"resourceType":"Procedure","reasonCode":[{"text":"x"},{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"B20"}]}]}""")]
    [TestCase("""{"resourceType":"MedicationRequest","medicationCodeableConcept":{"coding":[{"system":"http://www.whocc.no/atc","code":"J05AR20"}]}}""")]
    [TestCase("""{"resourceType":"MedicationRequest","contained":[{"resourceType":"Medication","id":"m","code":{"coding":[{"system":"http://www.whocc.no/atc","code":"J05AR20"}]}}]}""")]
    [TestCase("""{"resourceType":"Observation","component":[{"code":{"coding":[{"system":"http://loinc.org","code":"20447-9","display":{"odd":"shape"}}]}}]}""")]
    [TestCase("""{"resourceType":"Encounter","class":{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"B20"}}""")]
    public void A_coding_counts_wherever_it_stands(string resource)
        => Assert.That(ResourceTraits.Read(Encoding.UTF8.GetBytes(resource), Labels).Labels.Sensitivities, Is.EqualTo(new[] { "HIV" }));

    [TestCase("""{"resourceType":"Observation","code":{"text":"B20 in words"},"valueString":"B20"}""")]
    [TestCase("""{"resourceType":"Observation","identifier":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","value":"B20"}]}""")]
    [TestCase("""{"resourceType":"Observation","code":{"system":"http://hl7.org/fhir/sid/icd-10-cm","coding":[{"code":"B20"}]}}""")]
    public void Text_and_identifiers_are_no_codings(string resource)
        => Assert.That(ResourceTraits.Read(Encoding.UTF8.GetBytes(resource), Labels).Labels, Is.SameAs(SecurityLabels.None));

    [Test]
    public void The_lists_of_this_build_have_no_fault_and_name_their_sources()
    {
        var faults = new List<string>();
        var book = LabelFiles.Load(null, faults.Add);

        Assert.Multiple(() =>
        {
            Assert.That(faults, Is.Empty);
            Assert.That(book.Rules.Select(r => r.Id), Is.EquivalentTo(new[] { "hiv", "mental-health", "sexually-transmitted", "substance-use", "violence" }));
            Assert.That(book.Rules.Select(r => r.Sources.Count), Is.All.GreaterThan(0));
            Assert.That(book.Concludes("ETHUD"), Is.True);
            Assert.That(book.Concludes("GDIS"), Is.False);
        });
    }

    [Test]
    public void The_lists_lie_beside_the_program_for_reading_and_fit_their_schema()
    {
        var schema = JsonDocument.Parse(File.ReadAllText(Path.Combine(Shipped, "labels.schema.json"))).RootElement;
        var lists = Directory.GetFiles(Shipped, "*.json").Where(f => !f.EndsWith(".schema.json", StringComparison.Ordinal)).ToList();

        Assert.That(lists.Select(Path.GetFileNameWithoutExtension), Is.EquivalentTo(new[] { "hiv", "mental-health", "sexually-transmitted", "substance-use", "violence" }));
        Assert.That(lists.SelectMany(f => SchemaChecker.Check(schema, JsonDocument.Parse(File.ReadAllText(f)).RootElement)), Is.Empty);
    }

    [TestCase("version")]
    [TestCase("title")]
    [TestCase("review")]
    [TestCase("sensitivities")]
    public void Schema_and_reader_agree_on_what_must_be_there(string member)
    {
        var schema = JsonDocument.Parse(File.ReadAllText(Path.Combine(Shipped, "labels.schema.json"))).RootElement;
        var list = JsonNode.Parse(File.ReadAllText(Path.Combine(Shipped, "hiv.json")))!.AsObject();
        list.Remove(member);

        Assert.That(SchemaChecker.Check(schema, JsonSerializer.SerializeToElement(list)), Is.Not.Empty);
        Assert.That(LabelFileReader.Read(Encoding.UTF8.GetBytes(list.ToJsonString()), (_, _) => { }), Is.Null);
    }

    [Test]
    public void The_operator_s_folder_adds_lists()
    {
        var folder = Directory.CreateTempSubdirectory("labels-");
        File.WriteAllText(Path.Combine(folder.FullName, "clinic.json"), """
            {"$schema":"labels.schema.json","id":"clinic","version":"7","title":"Ours","review":"Reviewed 2026-11-02 by the privacy officer.","sources":["the clinic's own list"],"confidentiality":"V","sensitivities":["GDIS"],"codes":[{"systems":["https://clinic.example.org/codes"],"codes":["X1"]}]}
            """);

        File.Copy(Path.Combine(Shipped, "labels.schema.json"), Path.Combine(folder.FullName, "labels.schema.json"));
        var book = LabelFiles.Load(folder.FullName, Assert.Fail);

        folder.Delete(recursive: true);
        Assert.Multiple(() =>
        {
            Assert.That(book.Of("https://clinic.example.org/codes", "X1"), Has.Property(nameof(SecurityLabels.Stated)).EqualTo(Confidentiality.VeryRestricted));
            Assert.That(book.Of(Icd, "B20").Sensitivities, Is.EqualTo(new[] { "HIV" }), "what the build brings stays");
        });
    }

    [Test]
    public void Every_fault_of_a_list_is_told()
    {
        var faults = new List<string>();
        string file = """
            {"id":"Odd Name","confidentiality":"X","sensitivities":["NOPE"],"sources":[],"colour":1,
             "codes":[{"systems":["icd"],"codes":[" B20"]},{"systems":["https://a.example"],"ranges":["A5-A6"]},7]}
            """;

        var rule = LabelFileReader.Read(Encoding.UTF8.GetBytes(file), (path, wrong) => faults.Add($"{path}: {wrong}"));

        Assert.Multiple(() =>
        {
            Assert.That(rule, Is.Null);
            foreach (string path in new[] { "id:", "version:", "title:", "review:", "confidentiality:", "sensitivities:", "sources:", "codes[0].systems:", "codes[0].codes:", "codes[1].ranges:", "codes[2]:", ": has a member" })
                Assert.That(faults, Has.Some.StartsWith(path), path);
        });
    }

    [TestCase("nowhere")]
    public void A_folder_that_is_not_there_is_a_fault(string folder)
    {
        var faults = new List<string>();
        LabelFiles.Load(Path.Combine(Path.GetTempPath(), Guid.CreateVersion7(Today).ToString(), folder), faults.Add);

        Assert.That(faults, Has.Count.EqualTo(1));
    }
}
