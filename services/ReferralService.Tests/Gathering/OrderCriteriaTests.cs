using System.Text;
using ReferralService.Fhir.Resources;
using ReferralService.Gathering;

namespace ReferralService.Tests.Gathering;

public sealed class OrderCriteriaTests
{
    private const string Order = """
        {"resourceType":"ServiceRequest","id":"o1","status":"active","intent":"order","priority":"urgent",
         "identifier":[{"system":"urn:orders","value":"A|7"}],
         "category":[{"coding":[{"system":"http://snomed.info/sct","code":"3457005"}]},{"coding":[{"code":"local"}]}],
         "code":{"coding":[{"system":"http://snomed.info/sct","code":"103696004"}]},
         "subject":{"reference":"Patient/p1"},"requester":{"reference":"PractitionerRole/r1"},
         "performer":[{"reference":"https://ehr.example/fhir/Organization/uro"},{"identifier":{"system":"urn:npi","value":"12"}}]}
        """;

    [TestCase("ServiceRequest", null)]
    [TestCase("ServiceRequest?status=active&intent=order", null)]
    [TestCase("ServiceRequest?status=completed", "status")]
    [TestCase("ServiceRequest?status=draft,active", null)]
    [TestCase("ServiceRequest?status=active&status=completed", "status")]
    [TestCase("ServiceRequest?status:not=revoked,draft", null)]
    [TestCase("ServiceRequest?status:not=active", "status")]
    [TestCase("ServiceRequest?status=http://hl7.org/fhir/request-status|active", null)]
    [TestCase("ServiceRequest?intent=plan", "intent")]
    [TestCase("ServiceRequest?priority=urgent,stat", null)]
    [TestCase("ServiceRequest?priority:missing=true", "priority")]
    [TestCase("ServiceRequest?category=http://snomed.info/sct|3457005", null)]
    [TestCase("ServiceRequest?category=http%3A%2F%2Fsnomed.info%2Fsct%7C3457005", null)]
    [TestCase("ServiceRequest?category=http://snomed.info/sct|", null)]
    [TestCase("ServiceRequest?category=http://loinc.org|3457005", "category")]
    [TestCase("ServiceRequest?category=|local", null)]
    [TestCase("ServiceRequest?category=|3457005", "category")]
    [TestCase("ServiceRequest?category=3457005", null)]
    [TestCase("ServiceRequest?category:not=3457005", "category")]
    [TestCase("ServiceRequest?code=103696004&category=nowhere", "category")]
    [TestCase("ServiceRequest?code:missing=false", null)]
    [TestCase("ServiceRequest?identifier=urn:orders|A\\|7", null)]
    [TestCase("ServiceRequest?identifier=urn:orders|A7", "identifier")]
    [TestCase("ServiceRequest?performer=Organization/uro", null)]
    [TestCase("ServiceRequest?performer=uro", null)]
    [TestCase("ServiceRequest?performer=https://ehr.example/fhir/Organization/uro", null)]
    [TestCase("ServiceRequest?performer=https://other.example/fhir/Organization/uro", "performer")]
    [TestCase("ServiceRequest?performer:Organization=uro", null)]
    [TestCase("ServiceRequest?performer:Practitioner=uro", "performer")]
    [TestCase("ServiceRequest?performer:identifier=urn:npi|12", null)]
    [TestCase("ServiceRequest?performer=Organization/east,Organization/uro", null)]
    [TestCase("ServiceRequest?requester=PractitionerRole/r2", "requester")]
    [TestCase("ServiceRequest?patient=p1", null)]
    [TestCase("ServiceRequest?patient=Patient/p2", "patient")]
    [TestCase("ServiceRequest?subject:Group=p1", "subject")]
    [TestCase("ServiceRequest?_id=o1,o2", null)]
    public void The_order_matches_or_the_parameter_that_does_not_is_named(string criteria, string? whyNot)
        => Assert.That(OrderCriteria.Parse(criteria).WhyNot(View(Order)), Is.EqualTo(whyNot));

    [TestCase("Observation?status=final", "ServiceRequest")]
    [TestCase("ServiceRequest?colour=red", "colour")]
    [TestCase("ServiceRequest?subject.name=Smith", "subject.name")]
    [TestCase("ServiceRequest?_has:Task:focus:status=x", "_has")]
    [TestCase("ServiceRequest?code:text=x", "text")]
    [TestCase("ServiceRequest?code:in=x", "in")]
    [TestCase("ServiceRequest?status", "status")]
    [TestCase("ServiceRequest?status=", "status")]
    [TestCase("ServiceRequest?authored=ge2026-01-01", "authored")]
    [TestCase("ServiceRequest?code:missing=maybe", "code")]
    public void What_cannot_be_evaluated_here_is_refused_by_name(string criteria, string named)
        => Assert.That(() => OrderCriteria.Parse(criteria), Throws.TypeOf<FormatException>().With.Message.Contains(named));

    [TestCase("active", "order", "", null)]
    [TestCase("active", "original-order", "", null)]
    [TestCase("active", "reflex-order", "", null)]
    [TestCase("active", "filler-order", "", null)]
    [TestCase("active", "instance-order", "", null)]
    [TestCase("active", "proposal", "", "intent")]
    [TestCase("active", "plan", "", "intent")]
    [TestCase("draft", "order", "", "status")]
    [TestCase("revoked", "order", "", "status")]
    [TestCase("active", "order", ""","doNotPerform":true""", "do-not-perform")]
    public void An_order_is_actionable_or_it_is_said_why_not(string status, string intent, string more, string? whyNot)
        => Assert.That(
            OrderCriteria.WhyNotActionable(View($$"""{"resourceType":"ServiceRequest","id":"o","status":"{{status}}","intent":"{{intent}}"{{more}}}""")), Is.EqualTo(whyNot));

    private static ServiceRequestView View(string json) => ServiceRequestView.Read(RawResource.Read(Encoding.UTF8.GetBytes(json)));
}
