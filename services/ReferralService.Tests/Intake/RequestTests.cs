using System.Collections.Immutable;
using ReferralService.Contracts;
using ReferralService.Fhir.Errors;
using ReferralService.Intake;
using ReferralService.Intake.Requests;
using ReferralService.Intake.Settings;
using ReferralService.Ledger;

namespace ReferralService.Tests.Intake;

public sealed class RequestTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 10, 0, 0, TimeSpan.Zero);
    private static readonly ReferralRequests Requests = new(new EhrRegistry([new EhrOptions { Name = "main", BaseUrl = new Uri(Hooks.Base) }]), new KnownRecipients(["uro"]));

    [TestCase("sr-1")]
    [TestCase("ServiceRequest/sr-1")]
    [TestCase("ServiceRequest/sr-1/_history/4")]
    [TestCase(Hooks.Base + "/ServiceRequest/sr-1")]
    [TestCase("https://EHR.example.org:443/fhir/ServiceRequest/sr-1")]
    public void However_an_order_is_named_it_is_one_referral(string name)
    {
        var plan = Requests.Submit("main", name, "uro", null, Now);
        var decision = plan.Decide([]);

        Assert.Multiple(() =>
        {
            Assert.That(plan.Scope, Is.EqualTo(new DecisionScope.Order("main", "sr-1")));
            Assert.That(decision.Answer, Is.EqualTo(new RequestAnswer.Accepted(ReferralId.Create(new Uri(Hooks.Base), "sr-1", "uro"), ReferralState.Received)));
            Assert.That(decision.Created, Has.Length.EqualTo(1));
        });
    }

    [TestCase("nobody", "ServiceRequest/1", null, ReasonCodes.EhrUnknown)]
    [TestCase("main", "Patient/1", null, ReasonCodes.BadRequest)]
    [TestCase("main", "https://elsewhere.example.org/fhir/ServiceRequest/1", null, ReasonCodes.BadRequest)]
    [TestCase("main", "ServiceRequest/1' OR '1'='1", null, ReasonCodes.BadRequest)]
    [TestCase("main", "../1", null, ReasonCodes.BadRequest)]
    [TestCase("main", "ServiceRequest?status=active", null, ReasonCodes.BadRequest)]
    [TestCase("main", "ServiceRequest/1", "nobody", ReasonCodes.RecipientUnknown)]
    public void What_names_nothing_we_know_is_refused_and_writes_nothing(string ehr, string order, string? recipient, string code)
    {
        var decision = Requests.Submit(ehr, order, recipient, null, Now).Decide([]);

        Assert.Multiple(() =>
        {
            Assert.That((decision.Answer as RequestAnswer.Refused)?.Code, Is.EqualTo(code));
            Assert.That(decision.Created, Is.Empty);
        });
    }

    [Test]
    public void A_second_submit_joins_the_first()
    {
        var first = Requests.Submit("main", "sr-1", null, null, Now).Decide([]).Created[0].After;

        var second = Requests.Submit("main", "sr-1", null, null, Now).Decide([first]);

        Assert.Multiple(() =>
        {
            Assert.That((second.Answer as RequestAnswer.Accepted)?.Id, Is.EqualTo(first.Id));
            Assert.That(second.Created, Is.Empty);
        });
    }

    [Test]
    public void A_referral_that_is_not_there_can_be_neither_retried_nor_cancelled()
    {
        var id = new ReferralId(Guid.CreateVersion7(Now));
        ImmutableArray<Referral> none = [];

        Assert.Multiple(() =>
        {
            Assert.That((Requests.Retry(id, null, Now).Decide(none).Answer as RequestAnswer.Refused)?.Code, Is.EqualTo(ReasonCodes.NotFound));
            Assert.That((ReferralRequests.Cancel(id, Now).Decide(none).Answer as RequestAnswer.Refused)?.Code, Is.EqualTo(ReasonCodes.NotFound));
        });
    }

    [TestCase("""{"ehr":"main"}""", null)]
    [TestCase("""{"ehr":"main","recipient":null}""", null)]
    [TestCase("""{"ehr":"main","state":"delivered"}""", FormatCode.ElementShape)]
    [TestCase("""{"ehr":5}""", FormatCode.ElementShape)]
    [TestCase("""{"ehr":""}""", FormatCode.ElementShape)]
    [TestCase("""["ehr"]""", FormatCode.ElementShape)]
    [TestCase("""{"ehr":"a","ehr":"b"}""", FormatCode.JsonInvalid)]
    [TestCase("""{"ehr":"a",}""", FormatCode.JsonInvalid)]
    [TestCase("""{"ehr":"a"/*c*/}""", FormatCode.JsonInvalid)]
    [TestCase("""{"ehr":"\ud800"}""", FormatCode.JsonInvalid)]
    [TestCase("{\"ehr\":\"a\0\"}", FormatCode.JsonInvalid)]
    [TestCase("{\"ehr\":NaN}", FormatCode.JsonInvalid)]
    public void A_requests_body_is_read_strictly(string body, string? fault)
        => Assert.That(() => JsonFields.Read(Hooks.Utf8(body), "ehr", "recipient"),
            fault is null ? Throws.Nothing : Throws.TypeOf<FhirFormatException>().With.Property(nameof(FhirFormatException.Code)).EqualTo(fault));
}
