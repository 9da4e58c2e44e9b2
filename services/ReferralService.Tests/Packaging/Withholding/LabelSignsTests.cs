using System.Text;
using System.Text.Json;
using ReferralService.Packaging.Withholding;

namespace ReferralService.Tests.Packaging.Withholding;

/// <summary>What is passed over without being read must have no label: every code of every list, wherever and however it is written.</summary>
public sealed class LabelSignsTests
{
    private static readonly string[] Places =
    [
        """{"resourceType":"Observation","code":{"coding":[CODING]}}""",
        """{"resourceType":"Observation","component":[{"code":{"coding":[{"code":"other"},CODING]}}],"text":{"div":"<div class=\"code\">\u003Cb\u003E</div>"}}""",
        """{"resourceType":"DiagnosticReport","contained":[{"resourceType":"Condition","code":{"coding":[CODING]}}]}""",
        """{"resourceType":"Observation","valueQuantity":CODING}""",
        """{"resourceType":"Encounter","extension":[{"url":"u","valueCoding":CODING}],"class":{"code":"AMB"}}""",
        """{"resourceType":"Patient","meta":{"security":[CODING]}}""",
        """{"resourceType":"DocumentReference","securityLabel":[{"coding":[CODING]}]}""",
    ];

    [Test]
    public void Every_listed_code_is_a_sign_wherever_it_stands([ValueSource(nameof(Places))] string place)
        => Assert.That(Listed().SelectMany(c => Written(c.System, c.Code)).Select(coding => place.Replace("CODING", coding, StringComparison.Ordinal)).Where(IsPassedOver), Is.Empty);

    [Test]
    public void Every_label_is_a_sign([ValueSource(nameof(Places))] string place)
        => Assert.That(
            from system in new[] { LabelSystems.ActCode, LabelSystems.ConfidentialitySystem, "http://hl7.org/fhir/v3/Confidentiality", "urn:oid:2.16.840.1.113883.5.25", "urn:oid:2.16.840.1.113883.5.4", "http://terminology.hl7.org/CodeSystem/v3-ActUSPrivacyLaw" }
            from code in LabelSystems.All.Concat(["U", "R", "V", "unheard-of"])
            from coding in Written(system, code)
            select place.Replace("CODING", coding, StringComparison.Ordinal) into resource
            where IsPassedOver(resource)
            select resource,
            Is.Empty);

    [TestCase("""{"resourceType":"Composition","confidentiality":"R"}""")]
    [TestCase("""{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Composition","confidentiality":"V"}}]}""")]
    [TestCase("""{"resourceType":"Patient","meta":{"security":"R"}}""")]
    [TestCase("""{"resourceType":"Patient","m\u0065ta":{"s\u0065curity":[{"display":"no code"}]}}""")]
    [TestCase("""{"resourceType":"Observation","code":{"c\u006fding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","c\u006Fde":"HIV"}]}}""")]
    [TestCase("""{"resourceType":"Observation","code":{"coding":[{"system":"urn:oid:2.16.840.1.113883.5.2\u0035","code":"R"}]}}""")]
    [TestCase("""{"resourceType":"Observation","code":{"coding":[{"system":"urn:oid:2.16.840.1.113883\u002e5.25","code":"R"}]}}""")]
    public void Labels_are_a_sign_however_they_are_written(string resource)
    {
        Assert.That(Labels(resource), Is.Not.SameAs(SecurityLabels.None), "it has a label");
        Assert.That(IsPassedOver(resource), Is.False);
    }

    [TestCase("""{"resourceType":"Observation","meta":{"versionId":"1","lastUpdated":"2026-01-01T00:00:00Z"},"status":"final","code":{"coding":[{"system":"http://loinc.org","code":"2857-1"}]},"valueQuantity":{"value":1,"unit":"mg/L","system":"http://unitsofmeasure.org","code":"mg/L"}}""")]
    [TestCase("""{"resourceType":"Condition","code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"N40.1"}],"text":"Hyperpl\u00e4sie \u003Cb\u003E"}}""")]
    [TestCase("""{"resourceType":"Questionnaire","item":[{"type":"code","code":[]},{"code":{"text":"a code"}},{"code":null}]}""")]
    public void What_is_ordinary_is_passed_over(string resource)
        => Assert.That(WithholdingBench.Labels.Signs.StandIn(Encoding.UTF8.GetBytes(resource)), Is.False);

    private static IEnumerable<(string System, string Code)> Listed()
        => from rule in WithholdingBench.Labels.Rules
           from codes in rule.Codes
           from code in codes.Codes.Concat(codes.Prefixes).Concat(codes.Prefixes.Select(p => $"{p}.9")).Concat(codes.Prefixes.Select(p => p.Insert(1, ".").ToLowerInvariant() + "x"))
           from system in codes.Systems
           select (system, code);

    private static IEnumerable<string> Written(string system, string code)
    {
        yield return $$"""{"system":"{{system}}","code":"{{code}}"}""";
        yield return $$"""{ "code" :   "{{code}}", "display": "x", "system" : "{{system}}" }""";
        yield return $$"""{"system":"{{system.Replace("/", "\\/", StringComparison.Ordinal)}}","code":"{{string.Concat(code.Select(c => $"\\u{(int)c:x4}"))}}"}""";
    }

    /// <summary>Nothing would be read of what has a label.</summary>
    private static bool IsPassedOver(string resource)
    {
        using var valid = JsonDocument.Parse(resource);
        return !WithholdingBench.Labels.Signs.StandIn(Encoding.UTF8.GetBytes(resource)) && !ReferenceEquals(Labels(resource), SecurityLabels.None);
    }

    private static SecurityLabels Labels(string resource) => ResourceTraits.Read(Encoding.UTF8.GetBytes(resource), WithholdingBench.Labels).Labels;
}
