using System.Text;
using ReferralService.Fhir.Resources;
using ReferralService.Fhir.Validation;

namespace ReferralService.Tests.Fhir.Validation;

/// <summary>One fault, one finding: its code, and the path down to it.</summary>
public sealed class ResourceLintTests
{
    [TestCase("""{"resourceType":"Patient","nickname":"X"}""", "unknown-element Patient.nickname")]
    [TestCase("""{"resourceType":"Patient","_contact":[{}]}""", "unknown-element Patient._contact")]
    [TestCase("""{"resourceType":"Patient","Dr. X of Y":1}""", "unknown-element Patient.?")]
    [TestCase("""{"resourceType":"Patient","gender":"male","gender":"male"}""", "duplicate-element Patient.gender")]
    [TestCase("""{"resourceType":"Observation","status":"final"}""", "cardinality-min Observation.code")]
    [TestCase("""{"resourceType":"MedicationStatement","status":"active","subject":{"display":"X"}}""", "cardinality-min MedicationStatement.medication")]
    [TestCase("""{"resourceType":"Patient","link":[{"other":{"reference":"Patient/2"},"type":"refer"},{"type":"refer"}]}""", "cardinality-min Patient.link[1].other")]
    [TestCase("""{"resourceType":"Patient","gender":["male","female"]}""", "cardinality-max Patient.gender")]
    [TestCase("""{"resourceType":"Patient","gender":["male"]}""", "wrong-json-type Patient.gender")]
    [TestCase("""{"resourceType":"Patient","name":{"family":"X"}}""", "wrong-json-type Patient.name")]
    [TestCase("""{"resourceType":"Patient","active":"true"}""", "wrong-json-type Patient.active")]
    [TestCase("""{"resourceType":"Patient","birthDate":1970}""", "wrong-json-type Patient.birthDate")]
    [TestCase("""{"resourceType":"Patient","maritalStatus":"M"}""", "wrong-json-type Patient.maritalStatus")]
    [TestCase("""{"resourceType":"Patient","birthDate":{"value":"1970"}}""", "wrong-json-type Patient.birthDate")]
    [TestCase("""{"resourceType":"Patient","birthDate":"1970-02-30"}""", "bad-primitive Patient.birthDate")]
    [TestCase("""{"resourceType":"Patient","id":"a_b"}""", "bad-primitive Patient.id")]
    [TestCase("""{"resourceType":"Patient","language":"en  GB"}""", "bad-primitive Patient.language")]
    [TestCase("""{"resourceType":"Patient","implicitRules":"http://x y"}""", "bad-primitive Patient.implicitRules")]
    [TestCase("""{"resourceType":"Patient","name":[{"family":""}]}""", "bad-primitive Patient.name[0].family")]
    [TestCase("""{"resourceType":"Patient","name":[{"given":["A","\u0007"]}]}""", "bad-primitive Patient.name[0].given[1]")]
    [TestCase("""{"resourceType":"Patient","multipleBirthInteger":1.0}""", "bad-primitive Patient.multipleBirthInteger")]
    [TestCase("""{"resourceType":"Patient","multipleBirthInteger":3000000000}""", "bad-primitive Patient.multipleBirthInteger")]
    [TestCase("""{"resourceType":"Binary","contentType":"text/plain","data":"abc"}""", "bad-primitive Binary.data")]
    [TestCase("""{"resourceType":"Patient","gender":"unclear"}""", "unknown-code Patient.gender")]
    [TestCase("""{"resourceType":"Patient","deceasedBoolean":true,"deceasedDateTime":"2020"}""", "two-choices Patient.deceasedDateTime")]
    [TestCase("""{"resourceType":"Patient","deceasedBoolean":true,"_deceasedDateTime":{"extension":[{"url":"u","valueCode":"c"}]}}""", "two-choices Patient._deceasedDateTime")]
    [TestCase("""{"resourceType":"Patient","managingOrganization":{"reference":"Patient/1"}}""", "wrong-reference-target Patient.managingOrganization.reference")]
    [TestCase("""{"resourceType":"Patient","managingOrganization":{"reference":"https:\/\/ehr\/Patient\/1\/_history\/2"}}""", "wrong-reference-target Patient.managingOrganization.reference")]
    [TestCase("""{"resourceType":"Patient","managingOrganization":{"reference":"Orgs/1"}}""", "wrong-reference-target Patient.managingOrganization.reference")]
    [TestCase("""{"resourceType":"Patient","managingOrganization":{"reference":"urn:uuid:1","type":"Device"}}""", "wrong-reference-target Patient.managingOrganization.type")]
    [TestCase("""{"resourceType":"Patient","managingOrganization":{"reference":"#o"}}""", "broken-reference Patient.managingOrganization.reference")]
    [TestCase("""{"resourceType":"Patient","managingOrganization":{"reference":"#o"},"contained":[{"resourceType":"Device","id":"o"}]}""", "wrong-reference-target Patient.managingOrganization.reference")]
    [TestCase("""{"resourceType":"Patiënt"}""", "unknown-resource-type ?")]
    [TestCase("""{"resourceType":"DomainResource"}""", "unknown-resource-type ?")]
    [TestCase("""{"id":"1"}""", "unknown-resource-type ?")]
    [TestCase("""{"resourceType":"Bundle","type":"batch","entry":[{"resource":{"resourceType":"Foo"}}]}""", "unknown-resource-type Bundle.entry[0].resource")]
    [TestCase("""{"resourceType":"Bundle","type":"batch","entry":[{},{"resource":{"gender":"m","resourceType":"Patient"}}]}""", "empty Bundle.entry[0]|unknown-code Bundle.entry[1].resource.gender")]
    [TestCase("""{"resourceType":"Patient","contained":[{"resourceType":"Organization","id":"o"}]}""", "bad-contained Patient.contained[0]")]
    [TestCase("""{"resourceType":"Patient","contained":[{"resourceType":"Organization"}]}""", "bad-contained Patient.contained[0].id|bad-contained Patient.contained[0]")]
    [TestCase("""{"resourceType":"Patient","managingOrganization":{"reference":"#o"},"contained":[{"resourceType":"Organization","id":"o","meta":{"versionId":"1"}}]}""", "bad-contained Patient.contained[0].meta")]
    [TestCase("""{"resourceType":"Patient","name":[]}""", "empty Patient.name")]
    [TestCase("""{"resourceType":"Patient","maritalStatus":{}}""", "empty Patient.maritalStatus")]
    [TestCase("""{"resourceType":"Patient","name":[{"id":"n"}]}""", "empty Patient.name[0]")]
    [TestCase("""{"resourceType":"Patient","_gender":{"id":"n"}}""", "empty Patient")]
    [TestCase("""{"resourceType":"Patient","gender":null}""", "null-value Patient.gender")]
    [TestCase("""{"resourceType":"Patient","name":[null]}""", "null-value Patient.name[0]")]
    [TestCase("""{"resourceType":"Patient","name":[{"given":["A",null]}]}""", "null-value Patient.name[0].given")]
    [TestCase("""{"resourceType":"Patient","name":[{"given":["A",null],"_given":[{"id":"x"},{"id":"y"}]}]}""", "null-value Patient.name[0].given")]
    [TestCase("""{"resourceType":"Patient","name":[{"given":["A","B"],"_given":[{"id":"x"}]}]}""", "primitive-extension Patient.name[0].given")]
    [TestCase("""{"resourceType":"Patient","extension":[{"url":"u"}]}""", "invariant Patient.extension[0]")]
    [TestCase("""{"resourceType":"Patient","text":{"status":"generated","div":"<p>no</p>"}}""", "narrative Patient.text.div")]
    [TestCase("""{"resourceType":"Condition","subject":{"display":"x"},"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"gone"}]}}""", "unknown-code Condition.clinicalStatus")]
    [TestCase("""{"resourceType":"Condition","subject":{"display":"x"},"clinicalStatus":{"coding":[{"system":"http://example.org","code":"active"}]}}""", "unknown-code Condition.clinicalStatus")]
    [TestCase("""{"resourceType":"Observation","status":"final","code":{"text":"x"},"referenceRange":[{"low":{"comparator":"<","value":1}}]}""", "cardinality-max Observation.referenceRange[0].low.comparator")]
    [TestCase("""{"resourceType":"Patient" """, "not-json Patient.resourceType")]
    [TestCase("[]", "not-json ?")]
    public void A_fault_is_named_with_its_path(string json, string expected)
        => Assert.That(Told(ResourceLint.Check(Encoding.UTF8.GetBytes(json))), Is.EqualTo(expected));

    [TestCase("""{"gender":"male","id":"late-type","resourceType":"Patient"}""")]
    [TestCase("""{"resourceType":"Patient","name":[{"given":["A",null],"_given":[null,{"extension":[{"url":"u","valueCode":"masked"}]}]}]}""")]
    [TestCase("""{"resourceType":"Patient","_gender":{"extension":[{"url":"u","valueCode":"masked"}]}}""")]
    [TestCase("""{"resourceType":"Observation","_status":{"extension":[{"url":"u","valueCode":"unknown"}]},"code":{"text":"x"},"valueQuantity":{"value":1e400,"comparator":"<="}}""")]
    [TestCase("""{"resourceType":"Patient","contained":[{"resourceType":"Organization","id":"o","partOf":{"reference":"#p"}},{"resourceType":"Organization","id":"p"}],"managingOrganization":{"reference":"#o"}}""")]
    [TestCase("""{"resourceType":"Patient","contained":[{"resourceType":"RelatedPerson","id":"r","patient":{"reference":"#"}}]}""")]
    [TestCase("""{"resourceType":"Patient","managingOrganization":{"reference":"urn:uuid:6ba7b811-9dad-11d1-80b4-00c04fd430c8"}}""")]
    [TestCase("""{"resourceType":"Parameters","parameter":[{"name":"r","resource":{"resourceType":"Patient"}},{"name":"v","valueOid":"urn:oid:1.2.3"}]}""")]
    [TestCase("""{"resourceType":"Condition","subject":{"reference":"Patient?identifier=x|1"},"clinicalStatus":{"coding":[{"code":"local"},{"system":"http:\/\/terminology.hl7.org\/CodeSystem\/condition-clinical","code":"act\u0069ve"}]}}""")]
    [TestCase("""{"resourceType":"Binary","contentType":"text/plain","data":"YWJj\r\nYWI="}""")]
    public void What_R4_allows_is_clean(string json)
        => Assert.That(ResourceLint.Check(Encoding.UTF8.GetBytes(json)), Is.SameAs(LintReport.Clean));

    [Test]
    public void A_concept_of_text_alone_is_only_a_warning()
    {
        var report = ResourceLint.Check("""{"resourceType":"Condition","subject":{"display":"x"},"clinicalStatus":{"text":"active"}}"""u8);
        Assert.That((report.Errors, report.Warnings, report.Conforms), Is.EqualTo((0, 1, true)));
    }

    [Test]
    public void Findings_past_the_limit_are_counted_and_not_kept()
    {
        byte[] many = Encoding.UTF8.GetBytes($$"""{"resourceType":"Patient","name":[{{string.Join(',', Enumerable.Repeat("{}", 1000))}}]}""");
        var report = ResourceLint.Check(many, limit: 3);
        Assert.That((report.Findings.Count, report.Errors), Is.EqualTo((3, 1000)));
    }

    [Test]
    public void A_resource_whose_base64_was_put_away_is_not_blamed_for_it()
    {
        var resource = Sample.Resource("""{"resourceType":"Binary","contentType":"text/plain","data":"YW"}""");
        var thin = resource.With([new BodyCut(resource.Utf8.Length - 2, 0, 6)]);
        Assert.That((ResourceLint.Check(resource).Errors, ResourceLint.Check(thin).Errors), Is.EqualTo((1, 0)));
    }

    [Test]
    public void No_path_tells_what_stood_in_the_record()
    {
        var report = ResourceLint.Check("""{"resourceType":"Patient","Erika Mustermann":1,"gender":"Mustermann","birthDate":"Mustermann","managingOrganization":{"reference":"Mustermann/1"}}"""u8);
        Assert.That(report.Errors, Is.EqualTo(4));
        Assert.That(report.Findings.Select(f => f.ToString()), Has.None.Contain("Mustermann"));
    }

    [Test]
    public void A_conforming_resource_costs_no_memory()
    {
        byte[] json = Encoding.UTF8.GetBytes(Conforming);
        for (int i = 0; i < 50; i++) ResourceLint.Check(json);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++) ResourceLint.Check(json);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(100 * 64));
    }

    private const string Conforming = """
        {"resourceType":"Observation","id":"o","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>x &amp; y</p></div>"},
        "status":"final","code":{"coding":[{"system":"http:\/\/loinc.org","code":"1834-1"}]},"subject":{"reference":"Patient/1"},"effectiveDateTime":"2026-01-01T00:00:00Z",
        "valueQuantity":{"value":1.00,"unit":"kU/L"},"contained":[{"resourceType":"Specimen","id":"s"}],"specimen":{"reference":"#s"}}
        """;

    private static string Told(LintReport report) => string.Join('|', report.Findings.Select(f => $"{f.Code} {f.Path}"));
}
