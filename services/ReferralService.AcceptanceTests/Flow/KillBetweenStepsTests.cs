using ReferralService.AcceptanceTests.Support;
using ReferralService.Sandbox.Consultant;
using ReferralService.Sandbox.Faults;

namespace ReferralService.AcceptanceTests.Flow;

/// <summary>kill -9 at a chosen moment of the walk, then a start on what was left: the referral is finished, with one effect.</summary>
[Parallelizable]
public sealed class KillBetweenStepsTests
{
    [TestCase("GET", "/ServiceRequest/", 1, TestName = "Killed when the order was read for the first time")]
    [TestCase("GET", "/Patient/", 1, TestName = "Killed when the patient was read")]
    [TestCase("GET", "/Observation?", 1, TestName = "Killed in the middle of the searches")]
    [TestCase("GET", "/ServiceRequest/", 2, TestName = "Killed when the order was read again before the attempt")]
    public async Task Killed_while_it_asks_the_EHR(string method, string path, int time)
    {
        await using var scene = await Scene.StartAsync();
        await using var service = await ServiceReplica.StartNewAsync(scene.Settings());
        var moment = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var left = time;
        scene.Ehr.Requests.Answered += request =>
        {
            if (request.Method == method && request.PathAndQuery.StartsWith(path, StringComparison.Ordinal) && Interlocked.Decrement(ref left) == 0)
            {
                moment.SetResult();
            }
        };

        var id = await service.SubmitAsync(scene.WriteOrder(seed: 1), "east");
        await moment.Task.WaitAsync(TimeSpan.FromSeconds(60));
        await service.KillAsync();
        await service.StartAsync();
        await service.UntilStateAsync(id, "delivered");

        Assert.That(scene.Consultant.Effects.All, Has.Count.EqualTo(1));
    }

    [TestCase(true, TestName = "Killed between the commit of a PUT and its answer")]
    [TestCase(false, TestName = "Killed between the commit of a POST and its answer")]
    public async Task Killed_between_the_recipients_commit_and_its_answer(bool updateCreate)
    {
        await using var scene = await Scene.StartAsync(new SandboxConsultantOptions { UpdateCreate = updateCreate });
        // Short, because the successor of a dead POST waits until that POST can no longer be under way.
        await using var service = await ServiceReplica.StartNewAsync(scene.Settings(("Delivery:AttemptTimeout", "00:00:02")));
        var stored = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        scene.Consultant.Effects.Stored += _ =>
        {
            // On the request's own thread, before the answer: the service is dead when it would come.
            service.SignalKill();
            stored.TrySetResult();
        };

        var id = await service.SubmitAsync(scene.WriteOrder(seed: 2), "east");
        await stored.Task.WaitAsync(TimeSpan.FromSeconds(60));
        await service.KillAsync();
        await service.StartAsync();
        await service.UntilStateAsync(id, "delivered");

        Assert.That(scene.Consultant.Effects.All, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Killed_while_the_recipient_has_the_request_and_has_done_nothing_yet()
    {
        await using var scene = await Scene.StartAsync();
        scene.Consultant.Faults.Add(new Fault { Method = "PUT", Path = "^/Bundle", Cut = Cut.BeforeProcessing, Delay = TimeSpan.FromSeconds(1) });
        await using var service = await ServiceReplica.StartNewAsync(scene.Settings());
        var id = await service.SubmitAsync(scene.WriteOrder(seed: 3), "east");
        await service.UntilStateAsync(id, "delivering");

        await service.KillAsync();
        await service.StartAsync();
        await service.UntilStateAsync(id, "delivered");

        Assert.That(scene.Consultant.Effects.All, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_stop_with_work_in_flight_is_clean_and_the_next_start_finishes_it()
    {
        await using var scene = await Scene.StartAsync();
        scene.Ehr.Faults.Add(new Fault { Method = "GET", Path = "^/Observation", Delay = TimeSpan.FromMilliseconds(500), Times = null });
        await using var service = await ServiceReplica.StartNewAsync(scene.Settings());
        var ids = new List<string>();
        for (var seed = 10; seed < 20; seed++)
        {
            ids.Add(await service.SubmitAsync(scene.WriteOrder(seed), "east"));
        }

        var code = await service.StopAsync();
        await service.StartAsync();
        foreach (var id in ids)
        {
            await service.UntilStateAsync(id, "delivered");
        }

        Assert.Multiple(() =>
        {
            Assert.That(code, Is.Zero, service.Output);
            Assert.That(scene.Consultant.Effects.All, Has.Count.EqualTo(ids.Count));
        });
    }
}
