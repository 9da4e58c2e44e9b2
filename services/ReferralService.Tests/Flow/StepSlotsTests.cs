using ReferralService.Flow;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Flow;

/// <summary>Who waits for whom when a step must run alone.</summary>
public sealed class StepSlotsTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly ManualTimeProvider _clock = new();

    [Test]
    public async Task A_suspect_runs_alone()
    {
        using var slots = Slots(places: 4);
        using var suspect = await slots.EnterAloneAsync(None);

        var other = slots.EnterAsync(None);

        Assert.That(suspect, Is.Not.Null);
        Assert.That(other.IsCompleted, Is.False);
        suspect!.Dispose();
        (await other).Dispose();
    }

    [Test]
    public async Task A_suspect_that_waits_for_a_quiet_moment_keeps_nobody_waiting()
    {
        using var slots = Slots(places: 4);
        using var running = await slots.EnterAsync(None);
        var suspect = slots.EnterAloneAsync(None);

        using var other = await slots.EnterAsync(None).WaitAsync(TimeSpan.FromSeconds(30));

        Assert.That(suspect.IsCompleted, Is.False);
    }

    [Test]
    public async Task A_suspect_enters_when_it_is_quiet()
    {
        using var slots = Slots(places: 4);
        var running = await slots.EnterAsync(None);
        var suspect = slots.EnterAloneAsync(None);

        running.Dispose();

        using var alone = await suspect.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.That(alone, Is.Not.Null);
    }

    [Test]
    public async Task A_suspect_gives_up_when_what_runs_does_not_end_and_lets_the_others_in()
    {
        using var slots = Slots(places: 4);
        using var hanging = await slots.EnterAsync(None);
        var suspect = slots.EnterAloneAsync(None);

        while (!suspect.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        using var other = await slots.EnterAsync(None).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.That(await suspect, Is.Null);
    }

    [Test]
    public async Task A_second_suspect_has_its_turn_as_soon_as_the_first_has_left()
    {
        using var slots = Slots(places: 4);
        var first = await slots.EnterAloneAsync(None);
        var second = slots.EnterAloneAsync(None);

        first!.Dispose();

        using var alone = await second.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.That(alone, Is.Not.Null);
    }

    [Test]
    public async Task Of_many_suspects_most_come_back_later_instead_of_waiting()
    {
        using var slots = Slots(places: 4);
        using var first = await slots.EnterAloneAsync(None);

        var others = Enumerable.Range(0, 10).Select(_ => slots.EnterAloneAsync(None)).ToList();

        Assert.That(others.Count(other => other.IsCompleted && other.Result is null), Is.EqualTo(7));
    }

    private StepSlots Slots(int places) => new(new FlowOptions { MaxInFlight = places }, new StepTime(_clock, () => 0.5));
}
