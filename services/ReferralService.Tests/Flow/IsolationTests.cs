using Microsoft.Extensions.DependencyInjection;
using ReferralService.RecipientDirectory;
using ReferralService.Sandbox.Consultant;
using ReferralService.Sandbox.Faults;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Flow;

/// <summary>One partner's trouble stays its own. Counted, not timed: all of the others' referrals arrive while those that hang still hang.</summary>
[Fault("C09")]
[Parallelizable(ParallelScope.All)]
internal sealed class IsolationTests
{
    [Test]
    public async Task Four_recipients_and_an_EHR_that_hang_keep_nobody_else_waiting()
    {
        await using var partners = await PartnersThatHang.StartAsync();
        await partners.HangingEhrAsync("stuck");
        var recipients = new List<SandboxConsultant>();
        for (var i = 0; i < 10; i++)
        {
            recipients.Add(await partners.RecipientAsync($"r{i}", hangs: i < 4));
        }

        // Fewer places than those that hang could fill: four recipients and an EHR with four each.
        await using var service = await partners.ServiceAsync(("Flow:MaxInFlight", "12"), ("Flow:PerRecipient", "4"), ("Flow:PerEhr", "4"));
        var orders = Enumerable.Range(1, 5).Select(partners.WriteOrder).ToList();
        for (var i = 0; i < 6; i++)
        {
            await service.SubmitAsync($"ServiceRequest/stuck-{i}", "r9", ehr: "stuck");
        }

        foreach (var order in orders)
        {
            for (var i = 0; i < 4; i++)
            {
                await service.SubmitAsync(order, $"r{i}");
            }
        }

        // Those that hang hold what they are given before the others' referrals come.
        await PartnersThatHang.UntilAsync(() => recipients.Take(4).All(r => r.Faults.Struck > 0));
        var others = new List<string>();
        foreach (var order in orders)
        {
            for (var i = 4; i < 10; i++)
            {
                others.Add(await service.SubmitAsync(order, $"r{i}"));
            }
        }

        foreach (var id in others)
        {
            await service.UntilAsync(id, "delivered");
        }

        Assert.That(recipients.Skip(4).Select(r => r.Effects.All.Count), Has.All.EqualTo(orders.Count));
        Assert.That(recipients.Take(4).Sum(r => r.Effects.All.Count), Is.Zero, "they hang still");
    }

    [Test]
    public async Task A_recipient_that_never_answered_for_its_metadata_keeps_nobody_else_waiting_and_has_its_own_when_it_answers()
    {
        await using var partners = await PartnersThatHang.StartAsync();
        var hole = await partners.RecipientAsync("hole");
        await partners.RecipientAsync("east");
        await partners.RecipientAsync("west");
        hole.Faults.Add(new Fault { Delay = PartnersThatHang.Hanging, Times = null });
        var clock = new FastClock(2);
        await using var service = await RunningService.StartAsync(partners.Settings, clock);
        var orders = Enumerable.Range(1, 20).Select(partners.WriteOrder).ToList();
        var stuck = await Task.WhenAll(orders.Select(order => service.SubmitAsync(order, "hole")));
        await PartnersThatHang.UntilAsync(() => hole.Faults.Struck > 0);

        var others = await Task.WhenAll(orders.Take(8).SelectMany(order => new[] { service.SubmitAsync(order, "east"), service.SubmitAsync(order, "west") }));
        foreach (var id in others)
        {
            await service.UntilAsync(id, "delivered");
        }

        var awaits = service.Services.GetRequiredService<TargetFinder>().Awaits("hole", default);
        var (questions, reads) = (hole.Faults.Struck, partners.Ehr.Requests.All.Count(r => r.PathAndQuery.StartsWith("/Patient/", StringComparison.Ordinal)));
        hole.Faults.Clear();
        clock.Run(20);
        var shown = await Task.WhenAll(stuck.Select(id => service.UntilAsync(id, "delivered")));

        Assert.Multiple(() =>
        {
            Assert.That(awaits, Is.Not.Null, "all others had arrived before its first question was over");
            Assert.That(questions, Is.EqualTo(1), "one question for all of them");
            Assert.That(reads, Is.LessThanOrEqualTo(2 * others.Length), "nothing was gathered for it in vain");
            Assert.That(hole.Effects.All, Has.Count.EqualTo(stuck.Length));
            Assert.That(shown.Select(s => s.GetProperty("timeline").EnumerateArray().Count(e => e.GetProperty("event").GetString() == "deferred")), Has.All.LessThanOrEqualTo(4), "told when it was given up, not each time that it was looked");
        });
    }

    [Test, Fault("E07")]
    public async Task An_EHR_that_hangs_when_its_orders_are_read_again_does_not_take_a_recipients_places()
    {
        await using var partners = await PartnersThatHang.StartAsync();
        var stuck = await partners.EhrAsync("stuck");
        var east = await partners.RecipientAsync("east");
        partners.Settings.Remove("Delivery:AttemptTimeout");
        partners.Settings["Flow:PerRecipient"] = "4";
        east.Faults.Add(new Fault { Method = "PUT", Status = 503, RetryAfter = "6", Times = null });
        var clock = new FastClock(2);
        await using var service = await RunningService.StartAsync(partners.Settings, clock);
        var waiting = await Task.WhenAll(Enumerable.Range(1, 6).Select(seed => service.SubmitAsync(PartnersThatHang.WriteOrder(stuck, seed), "east", ehr: "stuck")));
        await PartnersThatHang.UntilAsync(() => east.Requests.CountOf("PUT", "/Bundle") >= waiting.Length);
        stuck.Faults.Add(new Fault { Path = "^/ServiceRequest", Delay = PartnersThatHang.Hanging, Times = null });
        east.Faults.Clear();
        // Every place of the recipient is taken by one that waits for its order.
        await PartnersThatHang.UntilAsync(() => stuck.Faults.Struck >= 4);

        var others = await Task.WhenAll(Enumerable.Range(11, 6).Select(seed => service.SubmitAsync(partners.WriteOrder(seed), "east")));
        foreach (var id in others)
        {
            await service.UntilAsync(id, "delivered");
        }

        var asked = stuck.Faults.Struck;
        stuck.Faults.Clear();
        clock.Run(20);
        foreach (var id in waiting)
        {
            await service.UntilAsync(id, "delivered");
        }

        Assert.That(asked, Is.LessThanOrEqualTo(4 + 2), "those that found it silent, and one or two to see whether it still is");
        Assert.That(east.Effects.All, Has.Count.EqualTo(waiting.Length + others.Length));
    }

    [Test]
    public async Task A_paused_recipient_is_told_nothing_and_goes_on_where_it_was_after_a_restart()
    {
        await using var partners = await PartnersThatHang.StartAsync();
        await partners.RecipientAsync("east");
        var west = await partners.RecipientAsync("west");
        var folder = Directory.CreateTempSubdirectory("referral-paused-");
        var ledger = ("Ledger:ConnectionString", $"Data Source={Path.Combine(folder.FullName, "referrals.db")}");
        var order = partners.WriteOrder(seed: 11);
        string waits;
        await using (var before = await partners.ServiceAsync(ledger))
        {
            await before.UntilAsync(await before.SubmitAsync(order, "west"), "delivered");
            await PostAsync(before, "/api/partners/west/pause");
            waits = await before.SubmitAsync(partners.WriteOrder(seed: 12), "west");
            await before.UntilAsync(await before.SubmitAsync(order, "east"), "delivered");
        }

        var heard = west.Requests.All.Count;
        await using (var after = await partners.ServiceAsync(ledger))
        {
            await after.UntilAsync(await after.SubmitAsync(partners.WriteOrder(seed: 13), "east"), "delivered");
            Assert.That(west.Requests.All, Has.Count.EqualTo(heard), "nothing was said to it");
            await PostAsync(after, "/api/partners/west/resume");
            await after.UntilAsync(waits, "delivered");
        }

        Assert.That(west.Effects.All, Has.Count.EqualTo(2));
        folder.Delete(recursive: true);
    }

    private static async Task PostAsync(RunningService service, string path)
    {
        using var answer = await service.Http.PostAsync(new Uri(path, UriKind.Relative), null);
        Assert.That(answer.IsSuccessStatusCode, Is.True);
    }
}
