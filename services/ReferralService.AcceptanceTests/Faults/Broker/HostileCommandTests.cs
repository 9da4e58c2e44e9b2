using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using ReferralService.AcceptanceTests.Intake;
using ReferralService.AcceptanceTests.Support;
using ReferralService.Tests.Support;

namespace ReferralService.AcceptanceTests.Faults.Broker;

/// <summary>What is put into referral.commands by mistake or on purpose, over a plain client.</summary>
internal sealed class HostileCommandTests
{
    private const string Commands = "referral.commands";
    private const string Rejected = "referral.commands.rejected";

    private Uri _address = null!;
    private RabbitMqBroker _broker = null!;
    private CommandHost _host = null!;
    private CommandClient _client = null!;
    private BrokerView _view = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _broker = await SharedBroker.GetAsync();
        _address = await _broker.NewVirtualHostAsync();
        _host = new CommandHost(_address);
        await _host.StartAsync();
        _client = await CommandClient.ConnectAsync(_address);
        _view = await BrokerView.ConnectAsync(_address);
    }

    [OneTimeTearDown]
    public async Task End()
    {
        await _view.DisposeAsync();
        await _client.DisposeAsync();
        await _host.DisposeAsync();
    }

    [TestCase("{\"command\":\"submit\",\"id\":", "unreadable", TestName = "Poison: half a JSON")]
    [TestCase("{\"command\":\"submit\",\"command\":\"cancel\",\"id\":\"0b2c1f2e-0000-4000-8000-000000000001\"}", "unreadable", TestName = "Poison: a member twice")]
    [TestCase("[[[[]]]]", "unreadable", TestName = "Poison: no object")]
    [TestCase("{\"command\":\"submit\",\"id\":\"0b2c1f2e-0000-4000-8000-000000000001\",\"ehr\":\"\\ud800\",\"serviceRequest\":\"1\"}", "bad-request", TestName = "Poison: half a surrogate pair")]
    [TestCase("{\"command\":\"explode\",\"id\":\"0b2c1f2e-0000-4000-8000-000000000002\"}", "unknown-command", TestName = "Poison: a command of no kind")]
    [TestCase("{\"version\":99,\"command\":\"submit\",\"id\":\"0b2c1f2e-0000-4000-8000-000000000003\"}", "unsupported-version", TestName = "Poison: version 99")]
    [Fault("Q01")]
    public async Task A_poison_command_is_set_aside_with_its_reason_and_the_next_one_is_done(string body, string reason)
    {
        await _view.PublishAsync(Commands, body);

        var aside = await _view.TakeAsync(Rejected);

        Assert.That((Encoding.UTF8.GetString(aside.Body.Span), Reason(aside)), Is.EqualTo((body, reason)));
        await NextIsDoneAsync();
    }

    [Test]
    [Fault("Q01")]
    public async Task Twenty_megabytes_are_set_aside_whole_and_the_next_command_is_done()
    {
        await _view.PublishAsync(Commands, new byte[20 << 20]);

        var aside = await _view.TakeAsync(Rejected);

        Assert.That((aside.Body.Length, Reason(aside)), Is.EqualTo((20 << 20, "too-large")));
        await NextIsDoneAsync();
    }

    [Test]
    [Fault("Q01")]
    public async Task With_the_queue_of_rejected_ones_full_commands_wait_and_none_is_dropped()
    {
        var address = await _broker.NewVirtualHostAsync();
        await _broker.ControlAsync("set_policy", "-p", address.AbsolutePath[1..], "tiny", "^referral\\.commands\\.rejected$", """{"max-length":2,"overflow":"reject-publish"}""", "--apply-to", "queues");
        await using var host = new CommandHost(address);
        await host.StartAsync();
        await using var client = await CommandClient.ConnectAsync(address);
        await using var view = await BrokerView.ConnectAsync(address);

        for (var i = 0; i < 8; i++)
        {
            await view.PublishAsync(Commands, $"poison {i}");
        }

        await Eventually.HoldsAsync(() => Task.FromResult(host.Troubles.Now.Any(one => one.Trouble.Code == "broker-rejected-full")), "the full queue is named", TimeSpan.FromSeconds(30));
        await Eventually.HoldsAsync(() => Task.FromResult(Said(host, "Reading commands") > 2), "it is tried again and again", TimeSpan.FromSeconds(30));
        var said = Said(host, "broker-rejected-full");
        var bodies = new HashSet<string>();
        while (bodies.Count < 8)
        {
            bodies.Add(Encoding.UTF8.GetString((await view.TakeAsync(Rejected)).Body.Span));
        }

        Assert.That(bodies, Is.EquivalentTo(Enumerable.Range(0, 8).Select(i => $"poison {i}")));
        Assert.That((await client.AskAsync(Submit("after-the-flood"))).GetProperty("accepted").GetBoolean(), Is.True);
        Assert.That(said, Is.EqualTo(1), "said once, not at every try");
    }

    [Test]
    [Fault("Q02")]
    public async Task An_id_that_comes_again_gets_the_same_answer_and_with_another_body_it_is_reused()
    {
        var id = Guid.CreateVersion7();
        var first = await _client.AskAsync(Submit("twice", id));

        var again = await _client.AskAsync(Submit("twice", id));
        var other = await _client.AskAsync(Submit("another", id));

        Assert.Multiple(() =>
        {
            Assert.That(again.GetRawText(), Is.EqualTo(first.GetRawText()));
            Assert.That(other.GetProperty("code").GetString(), Is.EqualTo("id-reused"));
        });
    }

    [Test]
    [Fault("Q03")]
    public async Task Bare_JSON_without_a_single_property_is_a_command()
    {
        await _view.PublishAsync(Commands, Submit("bare"), new BasicProperties());
        await NextIsDoneAsync();

        Assert.That((await _host.Referrals.ListAsync(new() { Limit = 200 }, default)).Select(r => r.OrderId), Does.Contain("bare"));
    }

    [Test]
    [Fault("S46")]
    public async Task An_envelope_with_addresses_of_its_own_is_no_command_and_nobody_is_answered()
    {
        var victim = await _view.OwnQueueAsync();
        var envelope = $$"""
            {"messageId":"{{Guid.CreateVersion7()}}","requestId":"{{Guid.CreateVersion7()}}","responseAddress":"rabbitmq://127.0.0.1/{{victim}}","faultAddress":"queue:{{victim}}",
             "messageType":["urn:message:ReferralService.Flow:DeliverReferral","urn:message:System:Object"],
             "message":{{Submit("enveloped")}}}
            """;
        await _view.PublishAsync(Commands, envelope, new BasicProperties { ContentType = "application/vnd.masstransit+json", Headers = Header("MT-Fault-Address", victim) });

        Assert.That(Reason(await _view.TakeAsync(Rejected)), Is.EqualTo("unreadable"));
        await NextIsDoneAsync();
        Assert.That(await _view.CountAsync(victim), Is.Zero);
        Assert.That((await _host.Referrals.ListAsync(new() { Limit = 200 }, default)).Select(r => r.OrderId), Does.Not.Contain("enveloped"));
    }

    [Test]
    [Fault("S47")]
    public async Task Long_headers_priorities_and_forged_deaths_change_nothing_and_are_not_carried_on()
    {
        var headers = Header("padding", new string('x', 100_000));
        headers["x-death"] = new List<object> { new Dictionary<string, object> { ["queue"] = Commands, ["reason"] = "rejected", ["count"] = 999_999L } };
        headers["x-delivery-count"] = 999_999L;
        headers["reason"] = "forged";
        var properties = new BasicProperties { Headers = headers, Priority = 255, Expiration = "60000", CorrelationId = "c", MessageId = new string('m', 255) };

        await _view.PublishAsync(Commands, Submit("decorated"), properties);
        await _view.PublishAsync(Commands, "poison with decoration", properties);

        var aside = await _view.TakeAsync(Rejected);
        Assert.Multiple(() =>
        {
            Assert.That(Reason(aside), Is.EqualTo("unreadable"));
            Assert.That(aside.BasicProperties.Headers!.Keys, Does.Not.Contain("padding").And.Not.Contain("x-death"));
            Assert.That((aside.BasicProperties.IsPriorityPresent(), aside.BasicProperties.IsExpirationPresent()), Is.EqualTo((false, false)));
        });
        await NextIsDoneAsync();
        Assert.That((await _host.Referrals.ListAsync(new() { Limit = 200 }, default)).Select(r => r.OrderId), Does.Contain("decorated"));
    }

    [Test]
    [Fault("S47")]
    public async Task A_megabyte_of_headers_ends_its_senders_connection_and_nobody_elses()
    {
        await using var hostile = await BrokerView.ConnectAsync(_address);
        var huge = new BasicProperties { Headers = Header("padding", new string('x', 1 << 20)) };

        Assert.That(async () => await hostile.PublishAsync(Commands, Submit("never"), huge).WaitAsync(TimeSpan.FromSeconds(30)), Throws.InstanceOf<OperationInterruptedException>().Or.InstanceOf<AlreadyClosedException>());
        await NextIsDoneAsync();
        Assert.That(_host.Troubles.Now, Is.Empty);
    }

    [TestCase("\"version\":\"2.0\"", "unsupported-version")]
    [TestCase("\"version\":99", "unsupported-version")]
    [TestCase("\"version\":\"10\"", "unsupported-version")]
    [TestCase("\"version\":null", "unsupported-version")]
    [TestCase("\"specversion\":\"2.0\"", "unsupported-version")]
    [Fault("S48")]
    public async Task Another_major_version_is_set_aside_with_the_reason_even_if_its_sender_could_be_told(string member, string reason)
    {
        await _client.SendAsync(Submit("of-another-time").Replace("{\"command\"", $"{{{member},\"command\"", StringComparison.Ordinal), _client.Answers);

        Assert.That(Reason(await _view.TakeAsync(Rejected)), Is.EqualTo(reason));
    }

    [TestCase("\"version\":1")]
    [TestCase("\"version\":\"1.7\",\"urgency\":{\"new\":[\"member\"]}")]
    [TestCase("\"specversion\":\"1.0\"")]
    [Fault("S48")]
    public async Task A_minor_version_and_members_we_do_not_know_are_accepted(string members)
    {
        var answer = await _client.AskAsync(Submit("of-our-time").Replace("{\"command\"", $"{{{members},\"command\"", StringComparison.Ordinal));

        Assert.That(answer.GetProperty("accepted").GetBoolean(), Is.True);
    }

    [Test]
    public async Task A_reply_queue_that_refuses_stands_in_nobodys_way()
    {
        var full = await _view.OwnQueueAsync();
        await _broker.ControlAsync("set_policy", "-p", _address.AbsolutePath[1..], "full", $"^{full}$", """{"max-length":1,"overflow":"reject-publish"}""", "--apply-to", "queues");
        await _view.PublishAsync(full, "the one there is room for");

        await _client.SendAsync(Submit("not-to-be-told"), full);
        await NextIsDoneAsync();

        await _view.UntilCountAsync(Commands, 0);
        Assert.That((await _host.Referrals.ListAsync(new() { Limit = 200 }, default)).Select(r => r.OrderId), Does.Contain("not-to-be-told"));
    }

    private static int Said(CommandHost host, string text) => host.Log.Lines.Count(line => line.Contains(text, StringComparison.Ordinal));

    private async Task NextIsDoneAsync()
        => Assert.That((await _client.AskAsync(Submit("next"))).GetProperty("accepted").GetBoolean(), Is.True);

    private static string? Reason(BasicGetResult message) => message.BasicProperties.Headers?["reason"] is byte[] text ? Encoding.UTF8.GetString(text) : null;

    private static Dictionary<string, object?> Header(string name, object value) => new() { [name] = value };

    private static string Submit(string order, Guid? id = null)
        => $$"""{"command":"submit","id":"{{id ?? Guid.CreateVersion7()}}","ehr":"main","serviceRequest":"ServiceRequest/{{order}}"}""";
}
