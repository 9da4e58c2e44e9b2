using ReferralService.Status;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Status;

internal sealed class BrokerStandingTests
{
    private const string Alarm = "broker-blocked";

    private BrokerStatus _status = null!;
    private BrokerTroubles _troubles = null!;
    private LogLines _log = null!;
    private BrokerStanding _standing = null!;

    private string? Named => _troubles.Now.SingleOrDefault().Trouble?.Code;

    [SetUp]
    public void Connect()
    {
        (_status, _troubles, _log) = (new(), new(), new());
        _standing = new BrokerStanding(_status, _troubles, _log);
        _standing.Connected();
    }

    [Test]
    public void An_alarm_stays_in_health_over_a_new_connection_and_is_said_once()
    {
        _standing.Blocked(true);
        Reconnect();
        var after = (_status.Now, Named);
        _standing.Blocked(true);

        Assert.That(after, Is.EqualTo((BrokerState.Blocked, Alarm)));
        Assert.That(_log.Lines, Has.Count.EqualTo(1).And.One.StartsWith("The broker is blocked"));
    }

    [Test]
    public void An_alarm_that_ended_while_there_was_no_connection_is_over_when_a_round_is_settled()
    {
        _standing.Blocked(true);
        Reconnect();

        _standing.Taken(() => false);

        Assert.That((_status.Now, Named), Is.EqualTo((BrokerState.Connected, (string?)null)));
        Assert.That(_log.Lines, Has.Count.EqualTo(2).And.One.EqualTo("The broker is no longer blocked"));
    }

    [Test]
    public void A_round_settled_before_the_alarm_does_not_end_it()
    {
        _standing.Blocked(true);

        _standing.Taken(() => true);

        Assert.That((_status.Now, Named), Is.EqualTo((BrokerState.Blocked, Alarm)));
        Assert.That(_log.Lines, Has.Count.EqualTo(1));
    }

    [Test]
    public void An_alarm_is_said_again_when_the_broker_was_away_meanwhile()
    {
        _standing.Blocked(true);
        _standing.Down();
        _troubles.Tell(BrokerUse.Events, BrokerTrouble.Unreachable);

        _standing.Connected();

        Assert.That(Named, Is.EqualTo(Alarm));
        Assert.That(_log.Lines.Count(line => line.StartsWith("The broker is blocked", StringComparison.Ordinal)), Is.EqualTo(2));
    }

    [Test]
    public void A_broker_that_takes_nothing_without_an_alarm_is_called_what_it_is()
    {
        _standing.Blocked(true);
        Reconnect();

        _standing.NotTaken(BrokerTrouble.Silent, 3);
        Reconnect();

        Assert.That((_status.Now, Named), Is.EqualTo((BrokerState.Connected, BrokerTrouble.Silent.Code)));
    }

    private void Reconnect()
    {
        _standing.Down();
        _standing.Connected();
    }
}
