using ReferralService.Packaging.Withholding;
using static ReferralService.Tests.Packaging.Withholding.WithholdingBench;

namespace ReferralService.Tests.Packaging.Withholding;

/// <summary>Whatever is not understood in a consent never lets more go than would go without it.</summary>
internal sealed class UnclearConsentTests
{
    private static RecordBuilder One(string consent) => new RecordBuilder().With(Observation("a"), consent);

    [TestCase("""{"type":"permit","modifierExtension":[{"url":"https://example.org/x","valueBoolean":true}]}""", TestName = "modifier")]
    [TestCase("""{"type":"permit","onlyOn":"Sundays"}""", TestName = "unknown element")]
    [TestCase("""{"type":"permit","code":[{"coding":[{"system":"http://loinc.org","code":"2857-1"}]}]}""", TestName = "code needs subsumption")]
    [TestCase("""{"type":"permit","purpose":[{"system":"https://example.org","code":"p"}]}""", TestName = "purpose of an unknown system")]
    [TestCase("""{"type":"permit","actor":[{"reference":{"reference":"Organization/uro"}}]}""", TestName = "actor without role")]
    [TestCase("""{"type":"permit","actor":[{"role":{"coding":[{"code":"IRCP"}]},"reference":{"display":"some clinic"}}]}""", TestName = "actor in words")]
    [TestCase("""{"type":"permit","period":{"start":"soon"}}""", TestName = "period that is none")]
    [TestCase("""{"type":"permit","actor":[]}""", TestName = "nobody as actor")]
    [TestCase("""{"type":"permit","securityLabel":[null]}""", TestName = "no label where one must be")]
    [TestCase("""{"type":"permit","class":[{"system":"https://example.org","code":"ServiceRequest"}],"actor":[{"role":{"coding":[{"code":"CST"}]},"reference":{"reference":"Organization/uro"}}]}""", TestName = "actor in another role")]
    [TestCase("""{"type":"deny","actor":[{"role":{"coding":[{"code":"CST"}]},"reference":{"reference":"Organization/uro"}}]}""", TestName = "denial to the recipient in another role")]
    [TestCase("""{"type":"deny","class":[{"system":"https://example.org","code":"letters"}]}""", TestName = "denial of a class nobody knows")]
    [TestCase("""{"type":"maybe"}""", TestName = "unknown type")]
    [TestCase("""{}""", TestName = "no type")]
    [TestCase("""{"type":"deny","onlyOn":"Sundays","actor":[{0}]}""", TestName = "denial with an unknown element")]
    public void A_base_that_is_not_understood_holds_the_referral(string provision)
    {
        var made = Refused(One(Consent(provision.Replace("{0}", Actor(Recipient), StringComparison.Ordinal))), Options(ConsentDefault.Permit));

        Assert.That(made, Is.EqualTo("consent-unclear"));
    }

    [TestCase("""{"type":"permit","onlyOn":"Sundays"}""")]
    [TestCase("""{"type":"permit","provision":[{"type":"deny"}]}""")]
    public void An_exception_that_permits_and_is_not_understood_permits_nothing(string exception)
    {
        string provision = $$"""{"type":"permit","securityLabel":[{{Label("N")}}],"provision":[{{exception}}]}""";
        var record = new RecordBuilder().With(Observation("a", meta: Meta("R")), Observation("b"), Consent(provision));

        Assert.That(Goes(record), Is.EqualTo(new[] { "b" }));
    }

    [Test]
    public void An_exception_that_denies_holds_without_what_is_not_understood_of_it()
    {
        string provision = $$$"""{"type":"permit","provision":[{"type":"deny","class":[{"system":"http://hl7.org/fhir/resource-types","code":"Observation"}],"onlyOn":"Sundays","provision":[{"type":"permit"}]}]}""";

        Assert.That(Goes(One(Consent(provision))), Is.Empty);
    }

    [Test]
    public void A_label_nobody_knows_denies_everything_that_may_bear_it()
    {
        string provision = """{"type":"permit","provision":[{"type":"deny","securityLabel":[{"system":"https://example.org","code":"vip"}]}]}""";

        Assert.That(Refused(One(Consent(provision))), Is.EqualTo("consent-unclear"));
    }

    [TestCase("\"provision\":[]")]
    [TestCase("\"dateTime\":5")]
    [TestCase("\"patient\":\"Patient/p\"")]
    public void A_consent_of_a_wrong_shape_holds_the_referral(string element)
        => Assert.That(Refused(One("{\"resourceType\":\"Consent\",\"id\":\"c\",\"status\":\"active\"," + element + "}")), Is.EqualTo("consent-unclear"));

    [TestCase(null, "consent-unclear")]
    [TestCase("OPTOUT", "consent-denied")]
    [TestCase("https://example.org/denying", "consent-denied")]
    [TestCase("https://example.org/permitting", null)]
    [TestCase("OPTIN", null)]
    [TestCase("https://example.org/else", "consent-unclear")]
    public void A_consent_that_only_names_a_policy_is_read_by_what_is_known_of_it(string? policy, string? code)
    {
        string rule = policy switch
        {
            null => "",
            ['h', ..] => $$""","policyRule":{"coding":[{"system":"{{policy}}","code":"x"}]}""",
            _ => $$""","policyRule":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"{{policy}}"}]}""",
        };
        var options = Options() with { Policies = new ConsentPolicies(["https://example.org/permitting|x"], ["https://example.org/denying|x"]) };

        Assert.That(Refused(One(Consent(null, more: rule)), options), Is.EqualTo(code));
    }

    [Test]
    public void A_policy_uri_alone_is_known_when_the_operator_lists_it()
    {
        var options = Options(ConsentDefault.Deny) with { Policies = new ConsentPolicies(["https://example.org/policy"], []) };

        Assert.That(Goes(One(Consent(null)), options), Is.EqualTo(new[] { "a" }));
    }

    [TestCase("inactive")]
    [TestCase("draft")]
    [TestCase("entered-in-error")]
    public void A_consent_that_is_not_active_says_nothing(string status)
        => Assert.That(Goes(One(Consent("""{"type":"deny"}""", status: status))), Is.EqualTo(new[] { "a" }));

    [Test]
    public void A_consent_to_research_says_nothing()
        => Assert.That(Goes(One(Consent("""{"type":"deny"}""").Replace("patient-privacy", "research", StringComparison.Ordinal))), Is.EqualTo(new[] { "a" }));
}
