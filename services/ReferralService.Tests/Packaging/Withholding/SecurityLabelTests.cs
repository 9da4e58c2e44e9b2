using System.Text;
using ReferralService.Packaging.Withholding;
using static ReferralService.Tests.Packaging.Withholding.WithholdingBench;

namespace ReferralService.Tests.Packaging.Withholding;

internal sealed class SecurityLabelTests
{
    [Test]
    public void Each_kind_of_label_is_told_apart_and_the_unknown_are_kept()
    {
        string security = string.Join(',', new[] { "R", "PSY", "ETH", "42CFRPart2", "NORDSCLCD" }.Select(Label));
        var labels = Read("{\"resourceType\":\"Observation\",\"meta\":{\"versionId\":\"1\",\"security\":[" + security + ",{\"system\":\"https://example.org\",\"code\":\"vip\"}]}}");

        Assert.Multiple(() =>
        {
            Assert.That(labels.Stated, Is.EqualTo(Confidentiality.Restricted));
            Assert.That(labels.Sensitivities, Is.EqualTo(new[] { "ETH", "PSY" }));
            Assert.That(labels.Policies, Is.EqualTo(new[] { "42CFRPart2" }));
            Assert.That(labels.Handling, Is.EqualTo(new[] { "NORDSCLCD" }));
            Assert.That(labels.Unknown, Is.EqualTo(new[] { "https://example.org|vip" }));
        });
    }

    [Test]
    public void A_tag_is_no_label()
        => Assert.That(Read("""{"resourceType":"Observation","meta":{"tag":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"V"}]}}""").Level, Is.EqualTo(Confidentiality.Normal));

    /// <summary>All of a resource goes or none of it: what labels a part of it, labels it.</summary>
    [TestCase("""{"resourceType":"Observation","contained":[{"resourceType":"Patient","meta":{"security":[{0}]}}]}""", TestName = "a contained resource, though R4 wants none there")]
    [TestCase("""{"resourceType":"Bundle","entry":[{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Observation","meta":{"security":[{0}]}}}]}""", TestName = "a document's entry")]
    [TestCase("""{"resourceType":"DocumentReference","securityLabel":[{"coding":[{0}]}]}""", TestName = "DocumentReference.securityLabel")]
    [TestCase("""{"resourceType":"Composition","confidentiality":"V"}""", TestName = "Composition.confidentiality")]
    [TestCase("""{"resourceType":"Bundle","type":"document","entry":[{"resource":{"resourceType":"Composition","confidentiality":"V"}}]}""", TestName = "Composition.confidentiality of a document")]
    [TestCase("""{"resourceType":"DocumentReference","contained":[{"resourceType":"Composition","confidentiality":"V"}]}""", TestName = "Composition.confidentiality of what is contained")]
    [TestCase("""{"resourceType":"Patient","name":[{"extension":[{"url":"http://hl7.org/fhir/uv/security-label-ds4p/StructureDefinition/extension-inline-sec-label","valueCoding":{0}}]}]}""", TestName = "an inline label by DS4P")]
    [TestCase("""{"resourceType":"DocumentReference","securityLabel":[{"text":"for nobody's eyes"}]}""", TestName = "a label in words")]
    [TestCase("""{"resourceType":"DocumentReference","securityLabel":"R"}""", TestName = "a securityLabel of another shape")]
    public void A_label_counts_wherever_it_stands(string resource)
        => Assert.That(Read(resource.Replace("{0}", Label("V"), StringComparison.Ordinal)).Level, Is.EqualTo(Confidentiality.VeryRestricted));

    [TestCase("\"R\"")]
    [TestCase("{}")]
    [TestCase("[\"R\"]")]
    [TestCase("[{\"system\":\"http://terminology.hl7.org/CodeSystem/v3-ActCode\"}]")]
    [TestCase("[{\"code\":{\"value\":\"R\"}}]")]
    public void Labels_that_cannot_be_read_are_taken_for_the_strictest(string security)
    {
        var labels = Read($$$"""{"resourceType":"Observation","meta":{"security":{{{security}}}},"status":"final"}""");

        Assert.That((labels.Unreadable, labels.Level), Is.EqualTo((true, Confidentiality.VeryRestricted)));
    }

    [TestCase("http://hl7.org/fhir/v3/Confidentiality", "R", Confidentiality.Restricted)]
    [TestCase("urn:oid:2.16.840.1.113883.5.25", "V", Confidentiality.VeryRestricted)]
    [TestCase(LabelSystems.ConfidentialitySystem, "HIV", Confidentiality.Restricted)]
    [TestCase(LabelSystems.ConfidentialitySystem, "C", Confidentiality.VeryRestricted)]
    [TestCase("http://hl7.org/fhir/v3/ActCode", "PSY", Confidentiality.Restricted)]
    [TestCase("http://terminology.hl7.org/CodeSystem/v3-ActUSPrivacyLaw", "42CFRPart2", Confidentiality.Restricted)]
    public void Older_names_and_codes_of_the_systems_mean_the_same(string system, string code, Confidentiality level)
        => Assert.That(SecurityLabels.Of(system, code).Level, Is.EqualTo(level));

    [TestCase("PRS")]
    [TestCase("ADOL")]
    [TestCase("SSP")]
    [TestCase("GENDER")]
    [TestCase("EMP")]
    public void Every_information_sensitivity_of_R4_restricts(string code)
    {
        var record = new RecordBuilder().With(Observation("a", meta: Meta(code)), Observation("b"));

        Assert.That(Goes(record, Options(ConsentDefault.PermitNormal)), Is.EqualTo(new[] { "b" }));
    }

    [TestCase(LabelSystems.ActCode, "NEWER", Confidentiality.Restricted)]
    [TestCase(null, "N", Confidentiality.Restricted)]
    [TestCase(null, "R", Confidentiality.Restricted)]
    [TestCase(null, "V", Confidentiality.VeryRestricted)]
    [TestCase("", "whatever", Confidentiality.Restricted)]
    public void A_label_that_may_mean_anything_restricts(string? system, string code, Confidentiality level)
    {
        var labels = SecurityLabels.Of(system, code);

        Assert.That((labels.Level, labels.Unknown), Is.EqualTo((level, (IReadOnlyList<string>)[$"{system}|{code}"])));
    }

    [Test]
    public void A_label_that_may_mean_anything_may_be_what_is_denied()
    {
        string provision = $$"""{"type":"permit","provision":[{"type":"deny","securityLabel":[{{Label("HIV")}}]}]}""";

        Assert.That(Goes(new RecordBuilder().With(Observation("a", meta: Meta("HOUSE-HIV")), Observation("b"), Consent(provision))), Is.EqualTo(new[] { "b" }));
    }

    [TestCase("deny")]
    [TestCase("permit")]
    public void A_label_without_a_system_is_heeded_and_permits_nothing(string type)
    {
        const string Bare = """{"code":"HIV"}""";
        string meta = type == "deny" ? Meta("HIV").Replace(Label("HIV"), Bare, StringComparison.Ordinal) : Meta("HIV");
        string provision = $$"""{"type":"{{type}}","securityLabel":[{{(type == "deny" ? Label("HIV") : $"{Label("N")},{Bare}")}}]}""";

        Assert.That(Goes(new RecordBuilder().With(Observation("a", meta: meta), Observation("b"), Consent(provision))), Is.EqualTo(new[] { "b" }));
    }

    [Test]
    public void What_may_mean_anything_is_not_permitted_by_what_else_it_is_about()
    {
        string hiv = $$"""{"type":"permit","securityLabel":[{{Label("N")}},{{Label("HIV")}}]}""", restricted = $$"""{"type":"permit","securityLabel":[{{Label("R")}}]}""";
        RecordBuilder With(string provision) => new RecordBuilder().With(Observation("a", meta: Meta("HIV", "NEWER")), Consent(provision));

        Assert.That((Goes(With(hiv)).Count, Goes(With(restricted)).Count), Is.EqualTo((0, 1)));
    }

    /// <summary>Integrity, purposes of use, test data, a vendor's own: of other systems than those of labels nobody can say that they restrict.</summary>
    [TestCase("http://terminology.hl7.org/CodeSystem/v3-ActReason", "HTEST")]
    [TestCase("http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "HRELIABLE")]
    [TestCase("https://example.org", "R")]
    public void A_label_of_another_system_restricts_only_where_a_list_says_so(string system, string code)
    {
        var codes = new LabelCodes([system], [code], []);
        var book = new LabelBook([new LabelRule("own", "1", ["own"], new SecurityLabels { Stated = Confidentiality.VeryRestricted }, [codes])]);
        var resource = Encoding.UTF8.GetBytes($$$"""{"resourceType":"Observation","meta":{"security":[{"system":"{{{system}}}","code":"{{{code}}}"}]}}""");

        Assert.Multiple(() =>
        {
            Assert.That(ResourceTraits.Read(resource, LabelBook.Empty).Labels, Has.Property("Level").EqualTo(Confidentiality.Normal).And.Property("Unknown").Count.EqualTo(1));
            Assert.That(ResourceTraits.Read(resource, book).Labels.Level, Is.EqualTo(Confidentiality.VeryRestricted));
        });
    }

    /// <summary>v3-ActCode has codes for much else: what stands where no label does, is none.</summary>
    [Test]
    public void A_code_of_the_system_that_is_no_label_restricts_nothing()
        => Assert.That(
            Read("""{"resourceType":"Coverage","type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"DIS"}]}}""").Level, Is.EqualTo(Confidentiality.Normal));

    [Test]
    public void Two_levels_are_the_higher_one_whatever_their_order([Values("N,R,L", "R,L,N", "L,N,R")] string codes)
        => Assert.That(Read($$"""{"resourceType":"Observation"{{Meta(codes.Split(','))}}}""").Stated, Is.EqualTo(Confidentiality.Restricted));

    [Test]
    public void What_is_sensitive_is_restricted_even_where_normal_is_stated()
        => Assert.That(Read($$"""{"resourceType":"Observation"{{Meta("N", "HIV")}}}""").Level, Is.EqualTo(Confidentiality.Restricted));

    [TestCase("ETH", "ETHUD", true)]
    [TestCase("SUD", "ETH", true)]
    [TestCase("ETH", "SUD", true)]
    [TestCase("MH", "PSY", true)]
    [TestCase("ETHUD", "ETH", false)]
    [TestCase("PSY", "HIV", false)]
    [TestCase("DEMO", "RACE", true)]
    [TestCase("SPI", "OPIOIDUD", true)]
    public void A_wider_sensitivity_includes_its_cases(string wider, string code, bool includes)
        => Assert.That(SensitivityTree.Includes(wider, code), Is.EqualTo(includes));
}
