using System.Buffers;
using ReferralService.Fhir.Bundles;
using ReferralService.Fhir.Errors;
using ReferralService.Fhir.Resources;

namespace ReferralService.Tests.Fhir;

public sealed class OutcomeTests
{
    [Test]
    public void An_outcome_gives_codes_and_paths_and_no_text()
    {
        var issues = OperationOutcomeReader.Read(Sample.Resource("""
            {"resourceType":"OperationOutcome","issue":[
              {"severity":"error","code":"value","diagnostics":"Jane Doe has no such code","expression":["Patient.name[0].given","x"],"details":{"text":"Jane","coding":[{"code":"Jane Doe"},{"code":"MSG_PARAM"}]}},
              {"severity":"Jane Doe","code":"has space","expression":["Patient.where(name='Jane')"]}, null ]}
            """));

        Assert.That(issues, Is.EqualTo(new[]
        {
            new OutcomeIssue("error", "value", "Patient.name[0].given", "MSG_PARAM"),
            new OutcomeIssue("error", "unknown", null, null),
        }));
    }

    [TestCase("")]
    [TestCase("<html>")]
    [TestCase("""{"resourceType":"OperationOutcome","issue":[{"sever""")]
    [TestCase("""{"resourceType":"OperationOutcome","issue":"none"}""")]
    [TestCase("""{"resourceType":"Patient"}""")]
    public void A_body_that_is_no_outcome_has_no_issues(string body)
        => Assert.That(OperationOutcomeReader.ReadIfAny(Sample.Utf8(body)), Is.Empty);

    [Test]
    public void An_outcome_we_write_is_one_that_can_be_read()
    {
        var output = new ArrayBufferWriter<byte>();

        OperationOutcomeWriter.Write(output,
            new ReportedIssue("error", "required", "Give \"subject\".", "ServiceRequest.subject", "https://example.org/codes", "no-subject"),
            new ReportedIssue("warning", "informational"));

        Assert.That(Sample.Text(output.WrittenMemory), Is.EqualTo("""
            {"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"required","details":{"coding":[{"system":"https://example.org/codes","code":"no-subject"}]},"diagnostics":"Give \"subject\".","expression":["ServiceRequest.subject"]},{"severity":"warning","code":"informational"}]}
            """));
        Assert.That(OperationOutcomeReader.Read(RawResource.Read(output.WrittenMemory)), Has.Count.EqualTo(2));
    }

    [Test]
    public void A_transaction_is_answered_entry_by_entry()
    {
        var response = TransactionResponse.Read(Sample.Utf8("""
            {"resourceType":"Bundle","type":"batch-response","entry":[
              {"response":{"status":"201 Created","location":"Patient/1/_history/1","etag":"W/\"1\""},"resource":{"resourceType":"Patient","response":{"status":"500"}}},
              {"resource":{"resourceType":"Basic"},"response":{"status":"422","outcome":{"resourceType":"OperationOutcome","issue":[
                 {"severity":"warning","code":"informational"},{"severity":"error","code":"structure","expression":["Basic.code"],"diagnostics":"secret"}]}}},
              {"response":{"status":"200OK"}}, {"fullUrl":"x"}, null
            ]}
            """));

        Assert.That(response.BundleType, Is.EqualTo("batch-response"));
        Assert.That(response.Entries, Is.EqualTo(new[]
        {
            new EntryResponse(201, "Patient/1/_history/1", null, null),
            new EntryResponse(422, null, "structure", "Basic.code"),
            new EntryResponse(0, null, null, null),
            new EntryResponse(0, null, null, null),
            new EntryResponse(0, null, null, null),
        }));
    }

    [TestCase("""{"resourceType":"Bundle","type":"transaction"}""", FormatCode.WrongType)]
    [TestCase("""{"resourceType":"Bundle"}""", FormatCode.WrongType)]
    [TestCase("""{"resourceType":"OperationOutcome"}""", FormatCode.WrongType)]
    [TestCase("""{"resourceType":"Bundle","type":"transaction-response","entry":[{"response":"201"}]}""", FormatCode.ElementShape)]
    [TestCase("""{"resourceType":"Bundle","type":"transaction-response","entry":[{"response":{"status":201}}]}""", FormatCode.ElementShape)]
    [TestCase("", FormatCode.NotJson)]
    public void What_is_no_transaction_response_is_refused(string body, string code)
        => Assert.That(Assert.Throws<FhirFormatException>(() => TransactionResponse.Read(Sample.Utf8(body)))!.Code, Is.EqualTo(code));
}
