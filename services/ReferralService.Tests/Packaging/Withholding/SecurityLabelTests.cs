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
    [TestCase("https://example.org", "R", Confidentiality.Normal)]
    public void Older_names_and_codes_of_the_systems_mean_the_same(string system, string code, Confidentiality level)
        => Assert.That(SecurityLabels.Of(system, code).Level, Is.EqualTo(level));

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
    public void A_wider_sensitivity_includes_its_cases(string wider, string code, bool includes)
        => Assert.That(SensitivityTree.Includes(wider, code), Is.EqualTo(includes));
}
