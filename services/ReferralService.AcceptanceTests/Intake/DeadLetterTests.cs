using System.Text;
using ReferralService.AcceptanceTests.Faults.Broker;
using ReferralService.AcceptanceTests.Support;
using ReferralService.Intake.Commands;

namespace ReferralService.AcceptanceTests.Intake;

/// <summary>What can be done about commands that were set aside, on a real RabbitMQ.</summary>
internal sealed class DeadLetterTests
{
    private const string Commands = "referral.commands";
    private const string Rejected = "referral.commands.rejected";
    private static readonly CancellationToken None = CancellationToken.None;

    private CommandHost _host = null!;
    private BrokerView _view = null!;
    private DeadLetters _letters = null!;

    [SetUp]
    public async Task Start()
    {
        var address = await (await SharedBroker.GetAsync()).NewVirtualHostAsync();
        _host = new CommandHost(address);
        await _host.StartAsync();
        _view = await BrokerView.ConnectAsync(address);
        await _view.UntilConsumedAsync(Commands);
        _letters = new DeadLetters(new BusOptions { Transport = BusTransport.RabbitMq, RabbitMq = address }, TimeProvider.System);
    }

    [TearDown]
    public async Task End()
    {
        _letters.Dispose();
        await _view.DisposeAsync();
        await _host.DisposeAsync();
    }

    [Test]
    public async Task Looking_shows_reason_age_and_size_and_leaves_everything_in_its_order()
    {
        var before = TimeProvider.System.GetUtcNow().AddSeconds(-2);
        await _view.PublishAsync(Commands, "not json");
        await UntilAsync(1);
        await _view.PublishAsync(Commands, "neither");
        await UntilAsync(2);

        var first = await _letters.LookAsync(50, None);
        var second = await _letters.LookAsync(50, None);

        Assert.Multiple(() =>
        {
            Assert.That(first.Oldest.Select(letter => (letter.Reason, letter.Bytes)), Is.EqualTo(new[] { ("unreadable", 8L), ("unreadable", 7L) }));
            Assert.That(first.Oldest.Select(letter => letter.At), Is.All.GreaterThan(before));
            Assert.That(second.Oldest, Is.EqualTo(first.Oldest));
            Assert.That((second.Rejected, second.WakeUps), Is.EqualTo((2, (int?)null)));
        });
        Assert.That(Encoding.UTF8.GetString((await _letters.ReadAsync(first.Oldest[1].Key, None))!), Is.EqualTo("neither"));
        Assert.That((await _letters.LookAsync(50, None)).Rejected, Is.EqualTo(2), "reading takes nothing out");
    }

    [Test]
    public async Task One_that_is_put_back_is_done_and_one_that_cannot_be_read_comes_again()
    {
        await _view.PublishAsync(Commands, "not json");
        await UntilAsync(1);
        await _view.PublishAsync(Rejected, """{"command":"submit","id":"0b2c1f2e-0000-4000-8000-0000000000aa","ehr":"main","serviceRequest":"ServiceRequest/back"}""");
        await UntilAsync(2);
        var good = (await _letters.LookAsync(50, None)).Oldest[1];

        Assert.That(await _letters.ReingestAsync(letter => letter.Key == good.Key, None), Is.EqualTo(1));
        Assert.That(await _letters.ReingestAsync(letter => letter.Reason == "unreadable", None), Is.EqualTo(1));

        await UntilAsync(1);
        Assert.That((await _letters.LookAsync(50, None)).Oldest.Single().Reason, Is.EqualTo("unreadable"));
        await Eventually.HoldsAsync(async () => (await _host.Referrals.ListAsync(new(), None)) is [{ OrderId: "back" }], "the command that was put back is done", TimeSpan.FromSeconds(20));
        Assert.That(await _letters.ReingestAsync(letter => letter.Key == good.Key, None), Is.Zero, "it is not there any more");
    }

    [Test]
    public async Task One_is_deleted_and_the_others_stay()
    {
        foreach (var body in (string[])["a", "b", "c"])
        {
            await _view.PublishAsync(Rejected, body);
        }

        await UntilAsync(3);
        var letters = (await _letters.LookAsync(50, None)).Oldest;

        Assert.That(await _letters.DeleteAsync(letters[1].Key, None), Is.EqualTo(1));

        Assert.That((await _letters.LookAsync(50, None)).Oldest, Is.EquivalentTo(new[] { letters[0], letters[2] }));
    }

    [Test]
    public async Task A_broker_that_is_away_is_said_with_what_to_do()
    {
        using var letters = new DeadLetters(new BusOptions { Transport = BusTransport.RabbitMq, RabbitMq = new Uri($"amqp://guest:guest@127.0.0.1:{FreePort.Take()}/") }, TimeProvider.System);

        Assert.That(async () => await letters.LookAsync(50, None), Throws.TypeOf<DeadLettersAwayException>().With.Property(nameof(DeadLettersAwayException.Trouble)).EqualTo(BrokerTrouble.Unreachable));
    }

    private Task UntilAsync(uint count) => _view.UntilCountAsync(Rejected, count);
}
