using System.Text;
using ReferralService.Contracts;
using ReferralService.Intake.Commands;

namespace ReferralService.Tests.Intake;

public sealed class CommandBodyTests
{
    private const string Submit = """{"command":"submit","id":"0b2c1f2e-0000-4000-8000-000000000001","ehr":"main","serviceRequest":"ServiceRequest/1"}""";

    [Test]
    public void A_command_is_the_same_however_it_is_written()
    {
        var plain = Readable(Submit);
        var other = Readable("""
            { "serviceRequest" : "ServiceRequest\/1", "ehr":"main", "recipient": null, "someday":[1],
              "id":"0B2C1F2E-0000-4000-8000-000000000001", "command":"submit" }
            """);

        Assert.That(other, Is.EqualTo(plain));
        Assert.That(Readable(Submit.Replace("Request/1", "Request/2", StringComparison.Ordinal)).BodySha256, Is.Not.EqualTo(plain.BodySha256));
    }

    [TestCase("neither JSON nor secret")]
    [TestCase("")]
    [TestCase("[]")]
    [TestCase("""{"command":"submit"}""")]
    [TestCase("""{"command":"submit","id":7}""")]
    [TestCase("""{"command":"submit","id":"no uuid"}""")]
    [TestCase("""{"id":"0b2c1f2e-0000-4000-8000-000000000001","id":"0b2c1f2e-0000-4000-8000-000000000002","command":"submit"}""")]
    [TestCase("""{"id":"\ud800","command":"submit"}""")]
    [TestCase("""{"messageType":["urn:message:X"],"message":{"command":"submit"},"responseAddress":"rabbitmq://evil/x"}""")]
    public void What_has_no_id_cannot_be_read(string body) => Assert.That(Read(body), Is.EqualTo(new CommandBody.Unreadable(ReasonCodes.Unreadable)));

    [Test]
    public void What_is_no_UTF8_cannot_be_read()
        => Assert.That(CommandBody.Read(Encoding.Latin1.GetBytes(Submit.Replace("main", "m\u00e4in", StringComparison.Ordinal))), Is.TypeOf<CommandBody.Unreadable>());

    [Test]
    public void What_is_longer_than_a_command_may_be_is_not_even_parsed()
        => Assert.That(CommandBody.Read(new byte[CommandBody.MaxBytes + 1]), Is.EqualTo(new CommandBody.Unreadable(ReasonCodes.TooLarge)));

    [TestCase("""{"command":"delete","id":"0b2c1f2e-0000-4000-8000-000000000001"}""", ReasonCodes.UnknownCommand)]
    [TestCase("""{"id":"0b2c1f2e-0000-4000-8000-000000000001"}""", ReasonCodes.UnknownCommand)]
    [TestCase("""{"command":"submit","id":"0b2c1f2e-0000-4000-8000-000000000001","ehr":"main"}""", ReasonCodes.BadRequest)]
    [TestCase("""{"command":"submit","id":"0b2c1f2e-0000-4000-8000-000000000001","ehr":null,"serviceRequest":"1"}""", ReasonCodes.BadRequest)]
    [TestCase("""{"command":"cancel","id":"0b2c1f2e-0000-4000-8000-000000000001","referralId":"x"}""", ReasonCodes.BadRequest)]
    public void What_has_an_id_but_is_no_command_can_be_answered(string body, string code) => Assert.That((Read(body) as CommandBody.Malformed)?.Code, Is.EqualTo(code));

    [TestCase("answers.of.mine", true)]
    [TestCase("amq.gen-JzTY20BRgKO-HjmUJj0wLg", true)]
    [TestCase("amq.rabbitmq.reply-to.g1h2AA5yZXBseUA", true)]
    [TestCase("amq.rabbitmq.log", false)]
    [TestCase("referral.commands", false)]
    [TestCase("Referral.status", false)]
    [TestCase("referral.wake-up.deliver", false)]
    [TestCase("", false)]
    [TestCase(null, false)]
    public void An_answer_never_goes_to_a_queue_of_ours(string? replyTo, bool allowed) => Assert.That(ReplyAddress.IsAllowed(replyTo), Is.EqualTo(allowed));

    private static CommandBody Read(string body) => CommandBody.Read(Hooks.Utf8(body));

    private static CommandBody.Readable Readable(string body) => (CommandBody.Readable)Read(body);
}
