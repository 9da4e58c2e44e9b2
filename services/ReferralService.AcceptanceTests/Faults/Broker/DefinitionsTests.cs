using System.Diagnostics;
using System.Text;
using RabbitMQ.Client;
using ReferralService.AcceptanceTests.Support;
using ReferralService.Tests.Contracts;
using ReferralService.Tests.Support;

namespace ReferralService.AcceptanceTests.Faults.Broker;

/// <summary>deploy/rabbitmq/definitions.json, imported into an empty broker: the service takes it as its own, with no more rights than it names.</summary>
[NonParallelizable]
internal sealed class DefinitionsTests
{
    private const string User = "referral-service";
    private static readonly string Definitions = Path.Combine(ContractFiles.Folder, "..", "deploy", "rabbitmq", "definitions.json");

    private RabbitMqBroker _broker = null!;
    private BrokerView _view = null!;

    [OneTimeSetUp]
    public async Task Import()
    {
        _broker = await RabbitMqBroker.StartNewAsync();
        await _broker.ControlAsync("import_definitions", Definitions);
        _view = await BrokerView.ConnectAsync(_broker.Address);
    }

    [OneTimeTearDown]
    public async Task End()
    {
        await _view.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [Test, Order(1)]
    public void The_example_user_has_no_password_that_works([Values("", "referral-service", "guest")] string password)
    {
        var factory = new ConnectionFactory { Uri = _broker.Address, UserName = User, Password = password };

        Assert.That(async () => await factory.CreateConnectionAsync(), Throws.Exception);
    }

    [Test, Order(2)]
    public async Task A_wake_up_that_comes_back_again_and_again_is_set_aside()
    {
        await _view.PublishAsync("referral.wake-ups.package", "what kills its reader");

        await ReturnAsync("referral.wake-ups.package", times: 6);

        Assert.That(Encoding.UTF8.GetString((await _view.TakeAsync("referral.wake-ups.dead")).Body.Span), Is.EqualTo("what kills its reader"));
    }

    [Test, Order(2)]
    public async Task A_command_is_not_dropped_for_coming_back_often()
    {
        await _view.PublishAsync("referral.commands", "again and again");

        await ReturnAsync("referral.commands", times: 50);

        Assert.That(Encoding.UTF8.GetString((await _view.TakeAsync("referral.commands")).Body.Span), Is.EqualTo("again and again"));
    }

    [Test, Order(3)]
    [Fault("B09")]
    public async Task The_walk_is_delivered_with_the_least_rights_and_that_nobody_listens_is_said_once()
    {
        await _broker.ControlAsync("import_definitions", await WithPasswordAsync("for-this-test"));
        await using var service = await BrokerService.StartAsync(new UriBuilder(_broker.Address) { UserName = User, Password = "for-this-test" }.Uri, firstSeed: 740);
        await service.UntilBrokerAsync(code: null);

        await service.UntilDeliveredAsync(await service.SubmitAsync(orders: 3));
        await _view.UntilCountAsync("referral.status.audit", 12);

        Assert.Multiple(() =>
        {
            Assert.That(service.Said("[7012]"), Is.EqualTo(1), service.Replica.Output);
            Assert.That(service.Said("broker-"), Is.Zero, service.Replica.Output);
            Assert.That(service.Scene.Consultant.Effects.All, Has.Count.EqualTo(3));
            Assert.That(_broker.LogText, Does.Not.Contain("caused a channel exception"), "nothing was declared otherwise, nothing was forbidden");
        });
    }

    /// <summary>The definitions as deploy/rabbitmq/with-password.sh writes them, as deploy/compose.yaml does before the broker starts.</summary>
    private static async Task<string> WithPasswordAsync(string password)
    {
        var folder = Directory.CreateTempSubdirectory("referral-definitions-").FullName;
        var (given, written) = (Path.Combine(folder, "password"), Path.Combine(folder, "definitions.json"));
        await File.WriteAllTextAsync(given, password + "\n");
        using var script = Process.Start("sh", [Path.Combine(Path.GetDirectoryName(Definitions)!, "with-password.sh"), Definitions, given, written]);
        await script.WaitForExitAsync();
        Assert.That(script.ExitCode, Is.Zero);
        Assert.That(await File.ReadAllTextAsync(written), Does.Not.Contain(password), "only its salted hash");
        return written;
    }

    /// <summary>Takes the first message and gives it back, as a reader that dies does.</summary>
    private Task ReturnAsync(string queue, int times) => _view.DoAsync(async channel =>
    {
        for (var i = 0; i < times;)
        {
            if (await channel.BasicGetAsync(queue, autoAck: false) is { } message)
            {
                await channel.BasicNackAsync(message.DeliveryTag, multiple: false, requeue: true);
                i++;
            }
        }
    });
}
