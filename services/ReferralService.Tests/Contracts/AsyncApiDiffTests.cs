namespace ReferralService.Tests.Contracts;

/// <summary>The gate of what travels over RabbitMQ, on changes made on purpose to the document itself.</summary>
[TestFixture]
internal sealed class AsyncApiDiffTests
{
    [TestCase("          name: referral.status\n", "          name: referral.state\n", "$.channels.statusEvents.bindings.amqp.exchange.name was referral.status and is referral.state")]
    [TestCase("          type: topic\n", "          type: direct\n", "$.channels.statusEvents.bindings.amqp.exchange.type was topic and is direct")]
    [TestCase("address: referral.{ehr}.{event}", "address: referral.{event}.{ehr}", "$.channels.statusEvents.address was referral.{ehr}.{event} and is referral.{event}.{ehr}")]
    [TestCase("    address: referral.commands\n", "    address: referral.orders\n", "$.channels.commands.address was referral.commands and is referral.orders")]
    [TestCase("          name: referral.commands.rejected\n", "          name: referral.commands.refused\n", "$.channels.rejectedCommands.bindings.amqp.queue.name was referral.commands.rejected and is referral.commands.refused")]
    [TestCase("      x-max-length: 100000\n", "      x-max-length: 1000\n", "$.channels.unheardEvents.x-queue-arguments.x-max-length was 100000 and is 1000")]
    [TestCase("      x-overflow: drop-head\n", "      x-overflow: drop-head\n      x-message-ttl: 1000\n", "$.channels.unheardEvents.x-queue-arguments.x-message-ttl is new")]
    [TestCase("      name: referral-command\n", "      name: referral-order\n", "$.channels.commands.messages.command.name was referral-command and is referral-order")]
    [TestCase("          messageType: referral.held\n", "          messageType: held\n", "$.channels.statusEvents.messages.held.bindings.amqp.messageType was referral.held and is held")]
    [TestCase("      answer:\n        $ref", "      result:\n        $ref", "$.channels.commandAnswers.messages.answer is removed")]
    [TestCase("./schemas/command-answer.json", "./schemas/status-event.json", "$.channels.commandAnswers.messages.answer.payload.$ref was ./schemas/command-answer.json and is ./schemas/status-event.json")]
    [TestCase("        location: $message.header#/replyTo\n", "        location: $message.header#/answerTo\n", "$.operations.takeCommand.reply.address.location was $message.header#/replyTo and is $message.header#/answerTo")]
    [TestCase("      contentType: application/cloudevents+json\n", "      contentType: application/json\n", "$.channels.statusEvents.messages.received.contentType was application/cloudevents+json and is application/json")]
    [TestCase("        message-id: the event's id; the same however often it is sent\n", "", "$.channels.statusEvents.messages.received.x-amqp-properties.message-id is removed")]
    [TestCase("          - reason\n", "          - code\n", "$.channels.rejectedCommands.messages.rejected.headers.reason is no longer always there")]
    [TestCase("          routing-key:\n", "          key:\n", "$.channels.unheardEvents.messages.received.headers.routing-key is removed")]
    [TestCase("      - referral.no-show\n", "", "$.channels.statusEvents.x-reserved-events no longer has referral.no-show")]
    [TestCase("  commands:\n    address", "  commands:\n    x-internal: true\n    address", "$.channels.commands.x-internal is new")]
    [TestCase("  takeCommand:\n    action: receive\n", "  takeCommand:\n    action: send\n", "$.operations.takeCommand.action was receive and is send")]
    [TestCase("        deliveryMode: 2\n        mandatory: true\n", "        deliveryMode: 1\n        mandatory: true\n", "$.operations.tellStatus.bindings.amqp.deliveryMode was 2 and is 1")]
    public void A_break_is_told(string from, string to, string told)
        => Assert.That(Breaks(from, to), Does.Contain(told));

    [TestCase("      title: Stopped\n", "      title: Stopped for good\n")]
    [TestCase("    host: 127.0.0.1:5672\n", "    host: 127.0.0.1:5673\n")]
    [TestCase("        message-id: the event's id; the same however often it is sent\n", "        message-id: the id of the event\n        priority: 1\n")]
    [TestCase("    address: referral.wake-ups.package\n", "    address: referral.wake-ups.gather\n", Description = "internal")]
    [TestCase("          routing-key:\n", "          more:\n            type: string\n          routing-key:\n")]
    [TestCase("      - referral.no-show\n", "      - referral.no-show\n      - referral.late\n")]
    [TestCase("operations:\n", "  more:\n    address: referral.more\noperations:\n")]
    [TestCase("      answer:\n        $ref", "      rejected:\n        $ref: '#/components/messages/rejected'\n      answer:\n        $ref")]
    public void What_breaks_nobody_passes(string from, string to)
        => Assert.That(Breaks(from, to), Is.Empty);

    [Test]
    public void A_reserved_event_may_come_to_be_sent()
    {
        const string Message = "      name: referral.retried\n";
        var before = Text().Replace(Message, "      name: referral.no-show\n", StringComparison.Ordinal);
        var after = before.Replace("      - referral.no-show\n", "", StringComparison.Ordinal);

        Assert.That(AsyncApiDiff.Between(YamlReader.Read(before), YamlReader.Read(after)), Is.Empty);
    }

    private static IReadOnlyList<string> Breaks(string from, string to)
    {
        Assert.That(Text(), Does.Contain(from));
        return AsyncApiDiff.Between(YamlReader.Read(Text()), YamlReader.Read(Text().Replace(from, to, StringComparison.Ordinal)));
    }

    private static string Text() => File.ReadAllText(ContractFiles.AsyncApi);
}
