using System.Text.Json;
using RabbitMQ.Client;
using ReferralService.AcceptanceTests.Support;

namespace ReferralService.AcceptanceTests.Intake;

[TestFixture]
[Parallelizable]
internal sealed class CommandQueueTests
{
    private RabbitMqBroker _broker = null!;
    private CommandHost _host = null!;
    private CommandClient _client = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _broker = await RabbitMqBroker.StartNewAsync();
        _host = new CommandHost(_broker);
        await _host.StartAsync();
        _client = await CommandClient.ConnectAsync(_broker);
        await _client.AskAsync(Submit(Guid.CreateVersion7(), "warm-up"));
    }

    [OneTimeTearDown]
    public async Task End()
    {
        await _client.DisposeAsync();
        await _host.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [Test]
    public async Task A_repeated_command_is_done_once_and_answered_the_same()
    {
        var command = Submit(Guid.CreateVersion7(), "repeated", "uro");

        var first = await _client.AskAsync(command);
        var again = await _client.AskAsync(" " + command);

        Assert.Multiple(() =>
        {
            Assert.That(first.GetProperty("accepted").GetBoolean(), Is.True);
            Assert.That(again.GetRawText(), Is.EqualTo(first.GetRawText()));
        });
        Assert.That((await OrdersAsync()).Count(o => o == "repeated"), Is.EqualTo(1));
    }

    [Test]
    public async Task An_id_is_good_for_one_command_only()
    {
        var id = Guid.CreateVersion7();
        await _client.AskAsync(Submit(id, "first-use"));

        Assert.That(CodeOf(await _client.AskAsync(Submit(id, "second-use"))), Is.EqualTo("id-reused"));
    }

    [Test]
    public async Task A_referral_can_be_cancelled_and_then_not_be_retried()
    {
        var referral = (await _client.AskAsync(Submit(Guid.CreateVersion7(), "to-cancel"))).GetProperty("referralId").GetGuid();

        var cancelled = await _client.AskAsync($$"""{"command":"cancel","id":"{{Guid.CreateVersion7()}}","referralId":"{{referral}}"}""");
        var retried = await _client.AskAsync($$"""{"command":"retry","id":"{{Guid.CreateVersion7()}}","referralId":"{{referral}}","recipient":"uro"}""");

        Assert.Multiple(() =>
        {
            Assert.That(cancelled.GetProperty("referralId").GetGuid(), Is.EqualTo(referral));
            Assert.That(CodeOf(retried), Is.EqualTo("already-cancelled"));
        });
    }

    [TestCase("""{"command":"submit","id":"ID","ehr":"nobody","serviceRequest":"1"}""", "ehr-unknown")]
    [TestCase("""{"command":"submit","id":"ID","ehr":"main","serviceRequest":"1","recipient":"nobody"}""", "recipient-unknown")]
    [TestCase("""{"command":"submit","id":"ID","ehr":"main","serviceRequest":"Patient/1"}""", "bad-request")]
    [TestCase("""{"command":"submit","id":"ID","ehr":"main"}""", "bad-request")]
    [TestCase("""{"command":"forward","id":"ID"}""", "unknown-command")]
    [TestCase("""{"command":"cancel","id":"ID","referralId":"0b2c1f2e-0000-4000-8000-000000000001"}""", "not-found")]
    public async Task A_refusal_is_told_with_its_code(string body, string code)
    {
        var id = Guid.CreateVersion7();

        var answer = await _client.AskAsync(body.Replace("ID", $"{id}", StringComparison.Ordinal));

        Assert.Multiple(() =>
        {
            Assert.That((answer.GetProperty("id").GetGuid(), answer.GetProperty("accepted").GetBoolean(), CodeOf(answer)), Is.EqualTo((id, false, code)));
            Assert.That(answer.GetProperty("message").GetString(), Is.Not.Empty.And.Not.Contains("nobody"));
        });
    }

    [Test]
    public async Task What_cannot_be_read_is_set_aside_as_it_came()
    {
        var correlation = await _client.SendAsync("neither JSON nor secret", _client.Answers);

        Assert.That(await _client.NextRejectedAsync(), Is.EqualTo(("neither JSON nor secret", "unreadable", correlation)));
    }

    [Test]
    public async Task What_is_too_long_is_set_aside_whole()
    {
        var body = Submit(Guid.CreateVersion7(), "long") + new string(' ', 70_000);
        await _client.SendAsync(body, _client.Answers);

        var rejected = await _client.NextRejectedAsync();

        Assert.That((rejected.Body.Length, rejected.Reason), Is.EqualTo((body.Length, "too-large")));
    }

    [Test]
    public async Task A_refusal_that_nobody_can_be_told_is_set_aside()
    {
        await _client.SendAsync(Submit(Guid.CreateVersion7(), "1", "nobody"), replyTo: null);

        Assert.That((await _client.NextRejectedAsync()).Reason, Is.EqualTo("recipient-unknown"));
    }

    [TestCase("referral.commands")]
    [TestCase("referral.commands.rejected")]
    public async Task An_answer_is_never_sent_to_a_queue_of_ours(string queue)
    {
        var order = $"own-queue-{queue.Length}";
        await _client.SendAsync(Submit(Guid.CreateVersion7(), order), replyTo: queue);
        await _client.AskAsync(Submit(Guid.CreateVersion7(), "marker"));

        Assert.Multiple(async () =>
        {
            Assert.That(await OrdersAsync(), Does.Contain(order), "it is done all the same");
            Assert.That(await _client.CountAsync(CommandClient.Rejected), Is.Zero);
        });
    }

    [Test]
    public async Task Direct_reply_to_is_answered()
    {
        await using var connection = await new ConnectionFactory { Uri = _broker.Address }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        var answered = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var consumer = new RabbitMQ.Client.Events.AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, message) =>
        {
            answered.TrySetResult(message.BasicProperties.CorrelationId);
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync("amq.rabbitmq.reply-to", autoAck: true, consumer);
        var properties = new BasicProperties { ReplyTo = "amq.rabbitmq.reply-to", CorrelationId = "direct" };
        await channel.BasicPublishAsync("", CommandClient.Commands, mandatory: true, properties, System.Text.Encoding.UTF8.GetBytes(Submit(Guid.CreateVersion7(), "direct")));

        Assert.That(await answered.Task.WaitAsync(TimeSpan.FromSeconds(30)), Is.EqualTo("direct"));
    }

    [Test]
    public async Task The_queue_outlives_the_broker_and_drops_nothing()
    {
        await using var connection = await new ConnectionFactory { Uri = _broker.Address }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();

        Assert.That(
            async () => await channel.QueueDeclareAsync(CommandClient.Commands, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum" }),
            Throws.Nothing);
    }

    private async Task<IEnumerable<string>> OrdersAsync() => (await _host.Referrals.ListAsync(new() { Limit = 200 }, default)).Select(r => r.OrderId);

    private static string? CodeOf(JsonElement answer) => answer.TryGetProperty("code", out var code) ? code.GetString() : null;

    private static string Submit(Guid id, string order, string? recipient = null)
        => $$"""{"command":"submit","id":"{{id}}","ehr":"main","serviceRequest":"ServiceRequest/{{order}}"{{(recipient is null ? "" : $",\"recipient\":\"{recipient}\"")}}}""";
}
