using System.Text;
using ReferralService.Fhir.Resources;
using ReferralService.Gathering;

namespace ReferralService.Tests.Gathering;

public sealed class SieveTests
{
    private static readonly Sieve Window = new() { NotBefore = new DateTimeOffset(2024, 11, 22, 10, 0, 0, TimeSpan.Zero) };

    [TestCase("'effectiveDateTime':'2026-01-01'", null)]
    [TestCase("'effectiveDateTime':'2024-11-22T09:59:59Z'", "outside-window")]
    [TestCase("'effectiveDateTime':'2024-11-22T11:30:00+02:00'", "outside-window")]
    [TestCase("'effectiveDateTime':'2024-11-22'", null)]
    [TestCase("'effectiveDateTime':'2024-11-21'", null, Description = "A day without zone ends up to twelve hours later somewhere")]
    [TestCase("'effectiveDateTime':'2024-11-20'", "outside-window")]
    [TestCase("'effectiveDateTime':'2024-11'", null)]
    [TestCase("'effectiveDateTime':'2024-10'", "outside-window")]
    [TestCase("'effectiveDateTime':'2024'", null)]
    [TestCase("'effectiveDateTime':'2023'", "outside-window")]
    [TestCase("'effectiveInstant':'2020-01-01T00:00:00Z'", "outside-window")]
    [TestCase("'effectivePeriod':{'start':'2020-01-01','end':'2025-01-01'}", null)]
    [TestCase("'effectivePeriod':{'start':'2020-01-01','end':'2021-01-01'}", "outside-window")]
    [TestCase("'effectivePeriod':{'start':'2020-01-01'}", null)]
    [TestCase("'effectiveDateTime':'2020-01-01','issued':'2026-01-01T00:00:00Z'", "outside-window")]
    [TestCase("'issued':'2020-01-01T00:00:00Z'", "outside-window")]
    [TestCase("'effectiveDateTime':'some day'", null)]
    [TestCase("'code':{'text':'undated'}", null)]
    public void The_window_keeps_what_may_lie_inside_it(string elements, string? whyNot)
        => Assert.That(Window.WhyNot(Facts($$"""{"resourceType":"Observation","id":"x","status":"final",{{elements}}}"""))?.Code, Is.EqualTo(whyNot));

    [TestCase("'clinicalStatus':{'coding':[{'system':'s','code':'active'}]}", null)]
    [TestCase("'clinicalStatus':{'coding':[{'code':'other'},{'code':'relapse'}]}", null)]
    [TestCase("'clinicalStatus':{'coding':[{'code':'resolved'}]}", "not-current")]
    [TestCase("'clinicalStatus':{'extension':[{'url':'u','valueCoding':{'code':'active'}}],'coding':[{'code':'inactive'}]}", "not-current")]
    [TestCase("'code':{'text':'no status'}", null)]
    [TestCase("'clinicalStatus':{'coding':[{'code':'active'}]},'verificationStatus':{'coding':[{'code':'entered-in-error'}]}", "entered-in-error")]
    public void A_condition_is_kept_while_it_may_be_active(string elements, string? whyNot)
        => Assert.That(
            new Sieve { ClinicalStatus = ["active", "recurrence", "relapse"] }.WhyNot(Facts($$"""{"resourceType":"Condition","id":"x",{{elements}}}"""))?.Code, Is.EqualTo(whyNot));

    [TestCase("final", null)]
    [TestCase("preliminary", null)]
    [TestCase("entered-in-error", "entered-in-error")]
    [TestCase("cancelled", "cancelled")]
    public void What_was_an_error_or_never_happened_stays_out_even_when_it_is_named(string status, string? whyNot)
        => Assert.That(Sieve.Named.WhyNot(Facts($$"""{"resourceType":"Observation","id":"x","status":"{{status}}"}"""))?.Code, Is.EqualTo(whyNot));

    [TestCase("https://e/fhir/Observation?patient=1&date=ge2024-01-01&_count=5", "")]
    [TestCase("https://e/fhir/Observation?patient=1&_count=5", "date")]
    [TestCase("https://e/fhir/Observation?_count=5", "patient,date")]
    [TestCase("/fhir/Observation?patient%3APatient=1&patient=1&date=x", "")]
    [TestCase("https://e/fhir?_getpages=abc", "")]
    [TestCase("https://e/fhir/Observation", "")]
    [TestCase(null, "")]
    public void The_self_link_tells_which_filters_were_ignored(string? self, string ignored)
        => Assert.That(string.Join(',', SelfLink.Ignored(self, new SearchQuery("patient={patient}&date=ge2024-01-01&_count=5").Filters)), Is.EqualTo(ignored));

    private static ClinicalFacts Facts(string json) => ClinicalFacts.Read(RawResource.Read(Encoding.UTF8.GetBytes(json.Replace('\'', '"'))));
}
