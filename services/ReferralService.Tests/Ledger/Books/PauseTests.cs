using ReferralService.Ledger;
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
        var late = await CreateAsync(ledger.Referrals, New("3", recipient: "east") with { State = ReferralState.Delivering, DeliveryDeadline = Start.AddHours(2), UpdatedAt = Start.AddHours(4) });
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

    [Test]
    public async Task A_step_under_way_ends_as_it_would_when_its_partner_is_resumed_meanwhile()
    {
        var clock = new ManualTimeProvider(Start);
        await using var ledger = await LedgerUnderTest.OpenAsync(clock);
        await CreateAsync(ledger.Referrals, New("1", recipient: "east") with { State = ReferralState.Delivering, DeliveryDeadline = Start.AddHours(2) });
        var claim = (await ClaimAsync(ledger.Referrals)).Single();
        var begun = await ledger.Referrals.BeginAsync(claim.Id, claim.Fence, Lease, None);
        await ledger.Pauses.PauseAsync(["recipient:east"], None);
        clock.Advance(TimeSpan.FromHours(1));
        await ledger.Pauses.ResumeAsync(["recipient:east"], None);

        var written = await ledger.Referrals.AdvanceAsync(begun!, r => Step(r, "deferred"), null, None);

        Assert.That(written!.DeliveryDeadline, Is.EqualTo(Start.AddHours(3)));
    }
}
