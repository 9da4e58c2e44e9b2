using ReferralService.AcceptanceTests.Status;
using ReferralService.AcceptanceTests.Support;
using ReferralService.Tests.Support;

namespace ReferralService.AcceptanceTests.Faults.Broker;

/// <summary>The way to the broker is cut; the broker itself does not notice.</summary>
internal sealed class BrokerAwayTests
{
    [Test]
    [Fault("B02")]
    public async Task Events_of_an_outage_keep_their_order_and_are_out_within_half_a_minute_of_its_end()
    {
        var broker = await (await SharedBroker.GetAsync()).NewVirtualHostAsync();
        await using var proxy = FaultProxy.Start(broker);
        await using var listener = await StatusListener.StartAsync(broker);
        await using var relay = await RelayUnderTest.StartAsync(proxy.Before(broker));
        var before = await relay.Ledger.WriteReferralsAsync(referrals: 20, events: 3, prefix: "before");
        await relay.UntilEmptyAsync(TimeSpan.FromSeconds(60));

        await proxy.RefuseAsync();
        proxy.CutAll();
        var meanwhile = await relay.Ledger.WriteReferralsAsync(referrals: 150, events: 4, prefix: "meanwhile");
        await Task.Delay(TimeSpan.FromSeconds(12), TimeProvider.System);
        var waiting = (await relay.Ledger.Outbox.BacklogAsync(CancellationToken.None)).Count;
        var trouble = relay.Troubles.Now.Single().Trouble.Code;
        proxy.Listen();
        await relay.UntilEmptyAsync(TimeSpan.FromSeconds(30));

        var all = before.Concat(meanwhile).ToList();
        var heard = await listener.WaitForAsync([.. all.Select(r => r.Id.ToString())], events: 660, TimeSpan.FromSeconds(60));
        Assert.That(await HeardWell.FaultsAsync(relay.Ledger, all, heard), Is.Empty);
        Assert.That((waiting, trouble, relay.Troubles.Now.Count), Is.EqualTo((600, "broker-unreachable", 0)));
    }
}
