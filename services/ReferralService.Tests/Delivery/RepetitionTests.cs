using System.Net;
using System.Net.Sockets;
using ReferralService.Delivery;
using ReferralService.RecipientDirectory;
using ReferralService.Sandbox.Consultant;
using ReferralService.Sandbox.Faults;

namespace ReferralService.Tests.Delivery;

/// <summary>How often a package leaves: again only where nothing can have happened.</summary>
[Parallelizable(ParallelScope.All)]
internal sealed class RepetitionTests
{
    [Test]
    public async Task A_busy_recipient_is_tried_again_until_it_takes_the_package()
    {
        await using var consultant = await SandboxConsultant.StartAsync();
        consultant.Faults.Add(new Fault { Method = "PUT", Status = 503, Times = 2 });
        await using var bench = await DeliveryBench.OpenAsync(consultant.Base);

        var outcome = await bench.SendAsync(DeliveryRoute.PutBundle);

        Assert.That(outcome, Is.EqualTo(new DeliveryOutcome.Delivered(201, $"Bundle/{DeliveryBench.PackageId}", null)));
        Assert.That(consultant.Requests.CountOf("PUT", "/Bundle"), Is.EqualTo(3));
        Assert.That(consultant.Effects.All, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_short_Retry_After_is_waited_out()
    {
        var clock = new HastyClock();
        await using var consultant = await SandboxConsultant.StartAsync();
        consultant.Faults.Add(new Fault { Method = "PUT", Status = 429, RetryAfter = "3" });
        await using var bench = await DeliveryBench.OpenAsync(consultant.Base, clock);

        var outcome = await bench.SendAsync(DeliveryRoute.PutBundle);

        Assert.That(outcome, Is.InstanceOf<DeliveryOutcome.Delivered>());
        Assert.That(clock.Waits, Is.EqualTo(new[] { TimeSpan.FromSeconds(3) }));
    }

    [Test]
    public async Task A_long_Retry_After_is_handed_up_after_one_try()
    {
        await using var consultant = await SandboxConsultant.StartAsync();
        consultant.Faults.Add(new Fault { Method = "PUT", Status = 429, RetryAfter = "600" });
        await using var bench = await DeliveryBench.OpenAsync(consultant.Base);

        var outcome = await bench.SendAsync(DeliveryRoute.PutBundle);

        Assert.That(outcome, Is.EqualTo(new DeliveryOutcome.Unreachable("recipient-throttled", 429, TimeSpan.FromMinutes(10))));
        Assert.That(consultant.Requests.CountOf("PUT", "/Bundle"), Is.EqualTo(1));
    }

    [Test]
    public async Task A_recipient_that_stays_busy_gets_four_tries_and_is_left_for_later()
    {
        await using var consultant = await SandboxConsultant.StartAsync();
        consultant.Faults.Add(new Fault { Method = "PUT", Status = 503, Times = null });
        await using var bench = await DeliveryBench.OpenAsync(consultant.Base);

        var outcome = await bench.SendAsync(DeliveryRoute.PutBundle);

        Assert.That(outcome, Is.EqualTo(new DeliveryOutcome.Unreachable("recipient-busy", 503, null)));
        Assert.That(consultant.Requests.CountOf("PUT", "/Bundle"), Is.EqualTo(4));
    }

    [Test]
    public async Task Nobody_listening_is_unreachable_and_tried_again()
    {
        var clock = new HastyClock();
        await using var bench = await DeliveryBench.OpenAsync($"http://127.0.0.1:{UnusedPort()}/fhir", clock);

        var outcome = await bench.SendAsync(DeliveryRoute.PostBundle);

        Assert.That(outcome, Is.EqualTo(new DeliveryOutcome.Unreachable("recipient-unreachable", null, null)));
        Assert.That(clock.Waits, Has.Count.EqualTo(3));
        Assert.That(bench.Contacts.Of(PartnerKind.Recipient, DeliveryBench.Recipient).Reachable, Is.False);
    }

    [TestCase(500)]
    [TestCase(502)]
    [TestCase(504)]
    [TestCase(408)]
    [TestCase(409)]
    [TestCase(412)]
    [TestCase(499)]
    [TestCase(507)]
    public async Task What_may_have_had_an_effect_is_not_repeated(int status)
    {
        await using var consultant = await SandboxConsultant.StartAsync();
        consultant.Faults.Add(new Fault { Method = "POST", Status = status, Times = null });
        await using var bench = await DeliveryBench.OpenAsync(consultant.Base);

        var outcome = await bench.SendAsync(DeliveryRoute.PostBundle);

        Assert.That(outcome, Is.EqualTo(new DeliveryOutcome.Unknown("outcome-unknown", status)));
        Assert.That(consultant.Requests.CountOf("POST", "/Bundle"), Is.EqualTo(1));
    }

    [TestCase(DeliveryRoute.PutBundle)]
    [TestCase(DeliveryRoute.PostBundle)]
    [TestCase(DeliveryRoute.Transaction)]
    public async Task A_lost_answer_is_one_write_then_found_by_one_probe(DeliveryRoute route)
    {
        await using var consultant = await SandboxConsultant.StartAsync();
        consultant.Faults.Add(new Fault { Method = "POST,PUT", Cut = Cut.AfterProcessing });
        await using var bench = await DeliveryBench.OpenAsync(consultant.Base);

        var sent = await bench.SendAsync(route);
        var probed = await bench.ProbeAsync(route);

        Assert.That(sent, Is.EqualTo(new DeliveryOutcome.Unknown("outcome-unknown", null)));
        Assert.That(probed, Is.InstanceOf<DeliveryOutcome.Delivered>());
        Assert.That(((DeliveryOutcome.Delivered)probed).Noted, Is.EqualTo("found-by-probe"));
        Assert.That(consultant.Effects.All, Has.Count.EqualTo(1));
    }

    [TestCase(DeliveryRoute.PutBundle)]
    [TestCase(DeliveryRoute.PostBundle)]
    [TestCase(DeliveryRoute.Transaction)]
    public async Task A_request_lost_on_the_way_is_one_write_and_proved_absent(DeliveryRoute route)
    {
        await using var consultant = await SandboxConsultant.StartAsync();
        consultant.Faults.Add(new Fault { Method = "POST,PUT", Cut = Cut.BeforeProcessing });
        await using var bench = await DeliveryBench.OpenAsync(consultant.Base);

        var sent = await bench.SendAsync(route);
        var probed = await bench.ProbeAsync(route);

        Assert.That(sent, Is.InstanceOf<DeliveryOutcome.Unknown>());
        Assert.That(probed, Is.EqualTo(new DeliveryOutcome.Absent()));
        Assert.That(consultant.Requests.All.Count(r => r.Method is "POST" or "PUT"), Is.EqualTo(1));
    }

    [Test]
    public async Task A_recipient_that_keeps_failing_is_left_alone_for_a_while()
    {
        await using var consultant = await SandboxConsultant.StartAsync();
        consultant.Faults.Add(new Fault { Method = "PUT", Status = 503, Times = null });
        await using var bench = await DeliveryBench.OpenAsync(consultant.Base);
        for (var attempt = 0; attempt < 3; attempt++) await bench.SendAsync(DeliveryRoute.PutBundle);
        var before = consultant.Requests.Count;

        var outcome = await bench.SendAsync(DeliveryRoute.PutBundle);

        Assert.That(outcome, Is.InstanceOf<DeliveryOutcome.Unreachable>());
        Assert.That(((DeliveryOutcome.Unreachable)outcome).RetryAfter, Is.GreaterThan(TimeSpan.Zero));
        Assert.That(consultant.Requests.Count, Is.EqualTo(before));
        Assert.That(bench.Contacts.Of(PartnerKind.Recipient, DeliveryBench.Recipient).Breaker, Is.EqualTo(BreakerState.Open));
    }

    private static int UnusedPort()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        return port;
    }
}
