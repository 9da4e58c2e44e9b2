using ReferralService.Ledger;
using ReferralService.Ledger.Transitions;
using ReferralService.Tests.Support;
using static ReferralService.Tests.Ledger.LedgerSample;

namespace ReferralService.Tests.Ledger;

/// <summary>What a person's pause keeps from being worked on, and what it leaves alone.</summary>
internal sealed class PauseTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Test]
    public async Task A_paused_recipients_rows_are_not_claimed_until_it_is_resumed()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var waits = await CreateAsync(ledger.Referrals, New("1", recipient: "east") with { State = ReferralState.Packaged });
        var goes = await CreateAsync(ledger.Referrals, New("2", recipient: "west") with { State = ReferralState.Packaged });
        var gathers = await CreateAsync(ledger.Referrals, New("3", ehr: "east"));
        await ledger.Pauses.PauseAsync(["recipient:east"], None);

        var paused = await ClaimAsync(ledger.Referrals);
        await ledger.Pauses.ResumeAsync(["recipient:east"], None);
        var resumed = await ClaimAsync(ledger.Referrals);

        Assert.Multiple(() =>
        {
            Assert.That(paused.Select(c => c.Id), Is.EquivalentTo(new[] { goes.Id, gathers.Id }));
            Assert.That(resumed.Select(c => c.Id), Is.EqualTo(new[] { waits.Id }));
        });
    }

    [Test]
    public async Task A_paused_EHRs_orders_are_neither_gathered_nor_delivered()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await CreateAsync(ledger.Referrals, New("1", ehr: "main"));
        await CreateAsync(ledger.Referrals, New("2", ehr: "main", recipient: "east") with { State = ReferralState.Packaged });
        var others = await CreateAsync(ledger.Referrals, New("3", ehr: "other", recipient: "east") with { State = ReferralState.Packaged });

        await ledger.Pauses.PauseAsync(["ehr:main"], None);

        Assert.That((await ClaimAsync(ledger.Referrals)).Select(c => c.Id), Is.EqualTo(new[] { others.Id }));
    }

    [Test]
    public async Task A_pause_is_kept_since_it_was_first_set()
    {
        var clock = new ManualTimeProvider(Start);
        await using var ledger = await LedgerUnderTest.OpenAsync(clock);
        await ledger.Pauses.PauseAsync(["ehr:main", "recipient:main"], None);
        clock.Advance(TimeSpan.FromHours(1));
        await ledger.Pauses.PauseAsync(["ehr:main"], None);

        Assert.That(await ledger.Pauses.AllAsync(None), Is.EquivalentTo(new Dictionary<string, DateTimeOffset> { ["ehr:main"] = Start, ["recipient:main"] = Start }));
    }

    [Test]
    public async Task Deadlines_stand_still_while_their_partner_is_paused()
    {
        var clock = new ManualTimeProvider(Start);
        await using var ledger = await LedgerUnderTest.OpenAsync(clock);
        var delivers = await CreateAsync(ledger.Referrals, New("1", recipient: "east") with { State = ReferralState.Delivering, DeliveryDeadline = Start.AddHours(2) });
        var gathers = await CreateAsync(ledger.Referrals, New("2", ehr: "slow") with { State = ReferralState.Gathering, GatherDeadline = Start.AddHours(3) });
        var late = await CreateAsync(ledger.Referrals, New("3", recipient: "east") with { State = ReferralState.Delivering, DeliveryDeadline = Start.AddHours(2), WaitsSince = Start.AddHours(4) });
        var others = await CreateAsync(ledger.Referrals, New("4", recipient: "west") with { State = ReferralState.Delivering, DeliveryDeadline = Start.AddHours(2) });
        await ledger.Pauses.PauseAsync(["recipient:east", "ehr:slow"], None);
        clock.Advance(TimeSpan.FromHours(5));

        await ledger.Pauses.ResumeAsync(["recipient:east", "ehr:slow"], None);
        await ledger.Pauses.ResumeAsync(["recipient:east"], None);

        Assert.Multiple(async () =>
        {
            Assert.That((await ledger.Referrals.FindAsync(delivers.Id, None))!.DeliveryDeadline, Is.EqualTo(Start.AddHours(7)));
            Assert.That((await ledger.Referrals.FindAsync(gathers.Id, None))!.GatherDeadline, Is.EqualTo(Start.AddHours(8)));
            Assert.That((await ledger.Referrals.FindAsync(late.Id, None))!.DeliveryDeadline, Is.EqualTo(Start.AddHours(3)), "it waited for one hour only");
            Assert.That((await ledger.Referrals.FindAsync(others.Id, None))!.DeliveryDeadline, Is.EqualTo(Start.AddHours(2)));
        });
    }

    [TestCase("0-5 ehr, 3-8 recipient", 8, TestName = "Pauses that overlap count once")]
    [TestCase("3-8 recipient, 0-5 ehr", 8, TestName = "Pauses that overlap count once whoever was first")]
    [TestCase("1-7 ehr, 3-4 recipient", 6, TestName = "A pause within another counts nothing more")]
    [TestCase("1-2 ehr, 4-6 recipient", 3, TestName = "Pauses apart are added up")]
    [TestCase("1-2 ehr, 4-6 ehr", 3, TestName = "Pauses of one partner are added up")]
    [TestCase("0-5 ehr, 5-8 recipient", 8, TestName = "Pauses that meet are added up")]
    [TestCase("0-5 ehr, 0-5 recipient", 5, TestName = "Pauses at once count once")]
    public async Task A_deadline_moves_on_by_the_time_in_which_some_pause_held_it(string pauses, int hours)
    {
        var clock = new ManualTimeProvider(Start);
        await using var ledger = await LedgerUnderTest.OpenAsync(clock);
        var waits = await CreateAsync(ledger.Referrals, New("1", recipient: "east") with { State = ReferralState.Delivering, DeliveryDeadline = Start.AddHours(20) });
        var all = pauses.Split(", ").Select(text => text.Split(' ', '-')).Select(words => (From: int.Parse(words[0]), To: int.Parse(words[1]), Partner: words[2] == "ehr" ? "ehr:main" : "recipient:east")).ToList();

        for (var hour = 0; hour <= 9; hour++)
        {
            foreach (var pause in all.Where(p => p.From == hour))
            {
                await ledger.Pauses.PauseAsync([pause.Partner], None);
            }

            foreach (var pause in all.Where(p => p.To == hour))
            {
                await ledger.Pauses.ResumeAsync([pause.Partner], None);
            }

            clock.Advance(TimeSpan.FromHours(1));
        }

        Assert.That((await ledger.Referrals.FindAsync(waits.Id, None))!.DeliveryDeadline, Is.EqualTo(Start.AddHours(20 + hours)));
    }

    [Test]
    public async Task A_note_during_the_pause_takes_nothing_of_the_time_away()
    {
        var clock = new ManualTimeProvider(Start);
        await using var ledger = await LedgerUnderTest.OpenAsync(clock);
        var waits = await CreateAsync(ledger.Referrals, New("1", recipient: "east") with { State = ReferralState.Delivering, OutcomeUnknown = true, DeliveryDeadline = Start.AddHours(20) });
        await ledger.Pauses.PauseAsync(["recipient:east"], None);
        clock.Advance(TimeSpan.FromHours(3));
        await ledger.Referrals.DecideAsync(
            new DecisionScope.One(waits.Id), rows => new Decision<bool>(true, [], [ReferralTransitions.Move(rows[0], "2", clock.GetUtcNow())]), None);
        clock.Advance(TimeSpan.FromHours(1));

        await ledger.Pauses.ResumeAsync(["recipient:east"], None);

        var after = (await ledger.Referrals.FindAsync(waits.Id, None))!;
        Assert.That((after.UpdatedAt, after.DeliveryDeadline), Is.EqualTo((Start.AddHours(3), Start.AddHours(24))), "the note was written, and four hours were added");
    }

    [Test]
    public async Task A_step_that_ends_during_the_pause_waits_from_there()
    {
        var clock = new ManualTimeProvider(Start);
        await using var ledger = await LedgerUnderTest.OpenAsync(clock);
        await CreateAsync(ledger.Referrals, New("1", recipient: "east") with { State = ReferralState.Delivering, DeliveryDeadline = Start.AddHours(20) });
        var claim = (await ClaimAsync(ledger.Referrals, lease: TimeSpan.FromHours(5))).Single();
        var begun = await ledger.Referrals.BeginAsync(claim.Id, claim.Fence, TimeSpan.FromHours(5), None);
        await ledger.Pauses.PauseAsync(["recipient:east"], None);
        clock.Advance(TimeSpan.FromHours(1));
        await ledger.Referrals.AdvanceAsync(begun!, r => Step(r, "deferred"), null, None);
        clock.Advance(TimeSpan.FromHours(3));

        await ledger.Pauses.ResumeAsync(["recipient:east"], None);

        Assert.That((await ledger.Referrals.FindAsync(claim.Id, None))!.DeliveryDeadline, Is.EqualTo(Start.AddHours(23)));
    }

    [TestCase(true, 23, TestName = "A step that is given back during the pause waits from there")]
    [TestCase(false, 24, TestName = "A claim that is given back during the pause has waited all the time")]
    public async Task What_is_given_back_waits_as_long_as_nobody_worked_on_it(bool begun, int hours)
    {
        var clock = new ManualTimeProvider(Start);
        await using var ledger = await LedgerUnderTest.OpenAsync(clock);
        await CreateAsync(ledger.Referrals, New("1", recipient: "east") with { State = ReferralState.Delivering, DeliveryDeadline = Start.AddHours(20) });
        var claim = (await ClaimAsync(ledger.Referrals, lease: TimeSpan.FromHours(5))).Single();
        var fence = begun ? (await ledger.Referrals.BeginAsync(claim.Id, claim.Fence, TimeSpan.FromHours(5), None))!.Fence : claim.Fence;
        await ledger.Pauses.PauseAsync(["recipient:east"], None);
        clock.Advance(TimeSpan.FromHours(1));
        await ledger.Referrals.ReleaseAsync(claim.Id, fence, clock.GetUtcNow(), None);
        clock.Advance(TimeSpan.FromHours(3));

        await ledger.Pauses.ResumeAsync(["recipient:east"], None);

        Assert.That((await ledger.Referrals.FindAsync(claim.Id, None))!.DeliveryDeadline, Is.EqualTo(Start.AddHours(hours)));
    }

    [Test]
    public async Task What_was_set_aside_for_a_paused_recipient_is_due_as_soon_as_it_is_resumed()
    {
        var clock = new ManualTimeProvider(Start);
        await using var ledger = await LedgerUnderTest.OpenAsync(clock);
        var begun = await BegunAsync(ledger.Referrals, "1", lease: TimeSpan.FromHours(9));
        var put = await CreateAsync(ledger.Referrals, New("2", dueAt: Start.AddMinutes(10)) with { State = ReferralState.Gathering });
        await ledger.Pauses.PauseAsync(["recipient:east"], None);
        clock.Advance(TimeSpan.FromSeconds(1));
        await ledger.Referrals.AdvanceAsync(begun,
            r => StepTransitions.SetAside(r with { GatherDeadline = Start.AddHours(1) }, "recipient:east", clock.GetUtcNow().AddSeconds(20), clock.GetUtcNow()), null, None);
        clock.Advance(TimeSpan.FromSeconds(5));
        var next = ledger.Work.Steps.Next;

        await ledger.Pauses.ResumeAsync(["recipient:east"], None);

        var after = (await ledger.Referrals.FindAsync(begun.Id, None))!;
        Assert.Multiple(async () =>
        {
            Assert.That(next.IsCompleted, "the dispatcher of this process looks at once");
            Assert.That((await ClaimAsync(ledger.Referrals)).Select(c => c.Id), Is.EqualTo(new[] { begun.Id }));
            Assert.That((after.SetAsideFor, after.GatherDeadline), Is.EqualTo(((string?)null, Start.AddHours(1).AddSeconds(5))));
            Assert.That((await ledger.Referrals.FindAsync(put.Id, None))!.DueAt, Is.EqualTo(Start.AddMinutes(10)), "what waits for something else goes on waiting");
        });
    }

    [Test]
    public async Task A_step_under_way_ends_as_it_would_when_its_partner_is_resumed_meanwhile()
    {
        var clock = new ManualTimeProvider(Start);
        await using var ledger = await LedgerUnderTest.OpenAsync(clock);
        await CreateAsync(ledger.Referrals, New("1", recipient: "east") with { State = ReferralState.Delivering, DeliveryDeadline = Start.AddHours(2) });
        var claim = (await ClaimAsync(ledger.Referrals, lease: TimeSpan.FromHours(5))).Single();
        var begun = await ledger.Referrals.BeginAsync(claim.Id, claim.Fence, TimeSpan.FromHours(5), None);
        await ledger.Pauses.PauseAsync(["recipient:east"], None);
        clock.Advance(TimeSpan.FromHours(1));
        await ledger.Pauses.ResumeAsync(["recipient:east"], None);

        var written = await ledger.Referrals.AdvanceAsync(begun!, r => Step(r, "deferred"), null, None);

        Assert.That(written!.DeliveryDeadline, Is.EqualTo(Start.AddHours(2)), "the pause kept it from nothing");
    }
}
