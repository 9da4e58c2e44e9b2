using Microsoft.Extensions.DependencyInjection;
using ReferralService.Flow;
using ReferralService.Ledger;
using ReferralService.Sandbox.Faults;
using ReferralService.Sandbox.SyntheticPatients;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Flow;

/// <summary>A wake-up is the bus's for a second at most: then it is this process's, or somebody else's.</summary>
internal sealed class HandOverTests : WalkScene
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Test]
    [Fault("B08")]
    public async Task A_full_replica_gives_a_wake_up_back_with_its_turn_and_its_lease()
    {
        Ehr.Faults.Add(new Fault { Method = "GET", Path = "^/ServiceRequest/", Delay = TimeSpan.FromMinutes(5), Times = null });
        await using var service = await RunningService.StartAsync(Settings(("Flow:MaxInFlight", "1")));
        await service.SubmitAsync(WriteCase(CasePerformer.UrologyEast), "east");
        var slots = service.Services.GetRequiredService<StepSlots>();
        await UntilAsync(() => slots.Free == 0);
        var book = service.Services.GetRequiredService<ReferralBook>();
        var waiting = new ReferralId(Guid.Parse(await service.SubmitAsync("ServiceRequest/waits", "east")));
        var due = (await book.FindAsync(waiting, CancellationToken.None))!.DueAt;
        var claim = (await book.ClaimDueAsync(new ClaimLimits(5, TimeSpan.FromMinutes(1), 8, 8), CancellationToken.None)).Single();

        await service.Services.GetRequiredService<LocalSteps>().TakeAsync(claim.Id, claim.Fence).WaitAsync(Second);

        var after = (await book.FindAsync(waiting, CancellationToken.None))!;
        Assert.That((after.LeaseUntil, after.DueAt, after.Crashes), Is.EqualTo(((DateTimeOffset?)null, due, 0)));
    }

    [Test]
    [Fault("B08")]
    public async Task A_wake_up_is_taken_over_long_before_its_step_ends()
    {
        Ehr.Faults.Add(new Fault { Method = "GET", Path = "^/ServiceRequest/", Delay = TimeSpan.FromMinutes(5), Times = null });
        await using var service = await RunningService.StartAsync(Settings(("Flow:MaxInFlight", "1")));
        var slots = service.Services.GetRequiredService<StepSlots>();
        var held = await slots.EnterAsync(CancellationToken.None);
        var id = new ReferralId(Guid.Parse(await service.SubmitAsync(WriteCase(CasePerformer.UrologyEast), "east")));
        var book = service.Services.GetRequiredService<ReferralBook>();
        var claim = (await book.ClaimDueAsync(new ClaimLimits(5, TimeSpan.FromMinutes(1), 8, 8), CancellationToken.None)).Single();
        held.Dispose();

        await service.Services.GetRequiredService<LocalSteps>().TakeAsync(claim.Id, claim.Fence).WaitAsync(Second);
        await UntilAsync(async () => (await book.FindAsync(id, CancellationToken.None))!.State == ReferralState.Gathering);

        Assert.That(slots.Running, Is.EqualTo(1), "the step goes on in its place, and the stop knows of it");
    }
}
