using System.Diagnostics;
using System.Net;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Flow;

/// <summary>A partner that hangs fills its own places: the others' referrals go on, and the process still stops quickly.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class StarvationTests
{
    [Test]
    public async Task An_EHR_that_hangs_keeps_no_other_EHRs_notices_waiting()
    {
        await using var partners = await PartnersThatHang.StartAsync();
        await partners.HangingEhrAsync("stuck", "^/ServiceRequest");
        var east = await partners.RecipientAsync("east");
        await using var service = await partners.ServiceAsync(
            ("Ehrs:main:NotificationSecret", "s3cret-of-this-test"), ("Ehrs:stuck:NotificationSecret", "s3cret-of-this-test"),
            ("Recipients:east:Matches:0", $"{partners.Ehr.Base}/Organization/uro-east"));
        for (var i = 0; i < 20; i++)
        {
            await HintAsync(service, "stuck", $"ServiceRequest/stuck-{i}");
        }

        await HintAsync(service, "main", partners.WriteOrder(seed: 11));

        await service.UntilAsync(await service.UntilListedAsync(1), "delivered");
        Assert.That(east.Effects.All, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_recipient_that_hangs_keeps_no_other_recipients_referrals_waiting()
    {
        await using var partners = await PartnersThatHang.StartAsync();
        await partners.RecipientAsync("east", hangs: true);
        var west = await partners.RecipientAsync("west");
        await using var service = await partners.ServiceAsync(("Flow:MaxInFlight", "4"), ("Flow:PerRecipient", "2"));
        for (var seed = 1; seed <= 6; seed++)
        {
            await service.SubmitAsync(partners.WriteOrder(seed), "east");
        }

        var id = await service.SubmitAsync(partners.WriteOrder(seed: 11), "west");

        await service.UntilAsync(id, "delivered");
        Assert.That(west.Effects.All, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task The_process_stops_quickly_while_a_recipient_hangs()
    {
        await using var partners = await PartnersThatHang.StartAsync();
        var east = await partners.RecipientAsync("east", hangs: true);
        var service = await partners.ServiceAsync();
        await service.SubmitAsync(partners.WriteOrder(seed: 11), "east");
        await PartnersThatHang.UntilAsync(() => east.Faults.Struck > 0);

        var began = Stopwatch.GetTimestamp();
        await service.DisposeAsync();

        Assert.That(Stopwatch.GetElapsedTime(began), Is.LessThan(TimeSpan.FromSeconds(10)));
    }

    private static async Task HintAsync(RunningService service, string ehr, string order)
    {
        using var hint = new HttpRequestMessage(HttpMethod.Put, $"/fhir/notify/{ehr}/{order}") { Headers = { { "Authorization", "Bearer s3cret-of-this-test" } } };
        using var answer = await service.Http.SendAsync(hint);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
    }
}
