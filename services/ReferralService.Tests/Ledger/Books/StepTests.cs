using ReferralService.Ledger;
using static ReferralService.Tests.Ledger.LedgerSample;

namespace ReferralService.Tests.Ledger;

internal sealed class StepTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Test]
    public async Task Claims_are_exclusive_among_many_claimers()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        for (var i = 0; i < 60; i++)
        {
            await CreateAsync(ledger.Referrals, New($"{i}", ehr: $"ehr-{i % 3}"));
        }

        var claimed = new List<ClaimedReferral>();
        while (claimed.Count <= 60)
        {
            var round = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => ClaimAsync(ledger.Referrals, most: 3))));
            if (round.All(claims => claims.Count == 0))
            {
                break;
            }

            claimed.AddRange(round.SelectMany(claims => claims));
        }

        Assert.That(claimed.Select(c => c.Id).Distinct().Count(), Is.EqualTo(60));
        Assert.That(claimed, Has.Count.EqualTo(60));
    }

    [Test]
    public async Task The_longest_due_are_claimed_first_and_those_not_due_not_at_all()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await CreateAsync(ledger.Referrals, New("later", dueAt: Start.AddSeconds(1)));
        await CreateAsync(ledger.Referrals, New("young", ehr: "a", dueAt: Start));
        await CreateAsync(ledger.Referrals, New("old", ehr: "b", dueAt: Start.AddHours(-2)));
        await CreateAsync(ledger.Referrals, New("middle", ehr: "a", dueAt: Start.AddHours(-1)));

        var claimed = await ClaimAsync(ledger.Referrals, most: 2);

        Assert.That(claimed.Select(c => c.Id), Is.EqualTo(new[] { New("old", ehr: "b").Id, New("middle", ehr: "a").Id }));
    }

    [Test]
    public async Task Rows_of_a_full_ehr_or_recipient_are_left()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await CreateAsync(ledger.Referrals, New("held", ehr: "full"));
        await CreateAsync(ledger.Referrals, New("sent", ehr: "busy", recipient: "full") with { State = ReferralState.Delivering });
        await ClaimAsync(ledger.Referrals);
        await CreateAsync(ledger.Referrals, New("1", ehr: "full"));
        await CreateAsync(ledger.Referrals, New("2", ehr: "full", recipient: "free") with { State = ReferralState.Packaged });
        await CreateAsync(ledger.Referrals, New("3", ehr: "free", recipient: "full") with { State = ReferralState.Delivering });
        await CreateAsync(ledger.Referrals, New("4", ehr: "free", recipient: "full"));

        var claimed = await ClaimAsync(ledger.Referrals, perEhr: 1, perRecipient: 1);

        Assert.That(claimed.Select(c => c.Id), Is.EquivalentTo(new[] { New("2", ehr: "full", recipient: "free").Id, New("4", ehr: "free", recipient: "full").Id }));
    }

    [Test]
    public async Task One_claim_takes_no_more_of_an_ehr_or_recipient_than_its_places()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        for (var i = 0; i < 5; i++)
        {
            await CreateAsync(ledger.Referrals, New($"g{i}", ehr: "slow", dueAt: Start.AddHours(-2)));
            await CreateAsync(ledger.Referrals, New($"d{i}", recipient: "hanging", dueAt: Start.AddHours(-1)) with { State = ReferralState.Packaged });
        }

        await CreateAsync(ledger.Referrals, New("quick", recipient: "quick") with { State = ReferralState.Packaged });

        var first = await ClaimAsync(ledger.Referrals, most: 8, perEhr: 2, perRecipient: 3);
        var second = await ClaimAsync(ledger.Referrals, most: 8, perEhr: 2, perRecipient: 3);

        Assert.Multiple(() =>
        {
            Assert.That(first.GroupBy(c => c.Recipient ?? c.Ehr).ToDictionary(g => g.Key, g => g.Count()),
                Is.EqualTo(new Dictionary<string, int> { ["slow"] = 2, ["hanging"] = 3, ["quick"] = 1 }));
            Assert.That(second, Is.Empty);
        });
    }

    [Test]
    public async Task A_doubled_wake_up_finds_nothing_to_do()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await CreateAsync(ledger.Referrals, New("1"));
        var claim = (await ClaimAsync(ledger.Referrals)).Single();

        var begun = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => ledger.Referrals.BeginAsync(claim.Id, claim.Fence, Lease, None))));

        Assert.That(begun.OfType<Referral>().Single(), Has.Property(nameof(Referral.State)).EqualTo(ReferralState.Gathering).And.Property(nameof(Referral.Working)).True);
    }

    [Test]
    public async Task Beginning_a_delivery_leaves_the_state_to_the_delivery()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await CreateAsync(ledger.Referrals, New("1", recipient: "urology-east") with { State = ReferralState.Packaged });
        var claim = (await ClaimAsync(ledger.Referrals)).Single();

        var begun = await ledger.Referrals.BeginAsync(claim.Id, claim.Fence, Lease, None);

        Assert.That(begun!.State, Is.EqualTo(ReferralState.Packaged));
    }

    [Test]
    public async Task A_referral_cancelled_after_its_claim_is_not_begun()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var referral = await CreateAsync(ledger.Referrals, New("1"));
        var claim = (await ClaimAsync(ledger.Referrals)).Single();
        await ledger.Referrals.DecideAsync(new DecisionScope.One(referral.Id),
            rows => new Decision<bool>(true, [], [Step(rows.Single(), "cancelled", r => r with { State = ReferralState.Cancelled, DueAt = null })]), None);

        Assert.That(await ledger.Referrals.BeginAsync(claim.Id, claim.Fence, Lease, None), Is.Null);
    }

    [Test]
    public async Task A_transition_writes_row_and_lines_and_ends_the_lease()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var begun = await BegunAsync(ledger.Referrals, "1");

        var written = await ledger.Referrals.AdvanceAsync(begun, r => Step(r, "packaged", x => x with { State = ReferralState.Packaged, PackageVersion = 1 }), null, None);

        Assert.That(written, Is.EqualTo(await ledger.Referrals.FindAsync(begun.Id, None)));
        Assert.That(written, Has.Property(nameof(Referral.Working)).False.And.Property(nameof(Referral.LeaseUntil)).Null.And.Property(nameof(Referral.State)).EqualTo(ReferralState.Packaged));
        Assert.That((await ledger.Referrals.TimelineAsync(begun.Id, None)).Select(l => l.Event), Is.EqualTo(new[] { "received", "packaged" }));
    }

    [Test]
    public async Task Renewing_never_shortens_the_lease_of_a_whole_attempt()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var begun = await BegunAsync(ledger.Referrals, "1", lease: TimeSpan.FromMinutes(10));

        await ledger.Referrals.RenewAsync(begun.Id, begun.Fence, TimeSpan.FromSeconds(30), None);

        Assert.That((await ledger.Referrals.FindAsync(begun.Id, None))!.LeaseUntil, Is.EqualTo(begun.LeaseUntil));
    }

    [Test]
    public async Task A_transition_that_goes_on_working_keeps_its_lease()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var begun = await BegunAsync(ledger.Referrals, "1", NoLease);

        var written = await ledger.Referrals.AdvanceAsync(begun, r => Step(r, "packaged"), Lease, None);

        Assert.That(written, Is.EqualTo(await ledger.Referrals.FindAsync(begun.Id, None)));
        Assert.That(written!.Working, Is.True);
        Assert.That(await ClaimAsync(ledger.Referrals), Is.Empty);
    }

    [Test]
    public async Task A_holder_whose_fence_is_old_writes_nothing()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var zombie = await BegunAsync(ledger.Referrals, "1", NoLease);
        await ClaimAsync(ledger.Referrals);
        var before = await ledger.Referrals.FindAsync(zombie.Id, None);

        var written = await ledger.Referrals.AdvanceAsync(zombie, r => Step(r, "packaged"), null, None);
        var renewed = await ledger.Referrals.RenewAsync(zombie.Id, zombie.Fence, Lease, None);
        await ledger.Referrals.ReleaseAsync(zombie.Id, zombie.Fence, Start, None);

        Assert.That(written, Is.Null);
        Assert.That(renewed, Is.False);
        Assert.That(await ledger.Referrals.FindAsync(zombie.Id, None), Is.EqualTo(before));
        Assert.That(await ledger.Referrals.TimelineAsync(zombie.Id, None), Has.Length.EqualTo(1));
    }

    [Test]
    public async Task A_row_changed_under_the_same_fence_is_read_again()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var begun = await BegunAsync(ledger.Referrals, "1");
        await ledger.Referrals.DecideAsync(new DecisionScope.One(begun.Id), rows => new Decision<bool>(true, [],
            [new(rows.Single() with { CancelCause = "operator" }, [Note(rows.Single(), "cancel-pending")])]), None);

        var written = await ledger.Referrals.AdvanceAsync(begun,
            r => r.CancelCause is null ? Step(r, "packaged") : Step(r, "cancelled", x => x with { State = ReferralState.Cancelled, DueAt = null }), null, None);

        Assert.That(written!.State, Is.EqualTo(ReferralState.Cancelled));
        Assert.That((await ledger.Referrals.TimelineAsync(begun.Id, None)).Select(l => l.Event), Is.EqualTo(new[] { "received", "cancel-pending", "cancelled" }));
    }

    [Test]
    public async Task A_lease_lost_at_work_counts_one_crash_and_a_transition_clears_the_count()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await BegunAsync(ledger.Referrals, "1", NoLease);

        var second = (await ClaimAsync(ledger.Referrals)).Single();
        var begunAgain = await ledger.Referrals.BeginAsync(second.Id, second.Fence, NoLease, None);
        var third = (await ClaimAsync(ledger.Referrals)).Single();
        var last = await ledger.Referrals.BeginAsync(third.Id, third.Fence, Lease, None);
        var written = await ledger.Referrals.AdvanceAsync(last!, r => Step(r, "deferred"), null, None);

        Assert.That((second.Crashes, begunAgain!.Crashes, third.Crashes, written!.Crashes), Is.EqualTo((1, 1, 2, 0)));
    }

    [Test]
    public async Task A_claim_that_ran_out_before_the_step_began_is_no_crash()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await CreateAsync(ledger.Referrals, New("1"));
        await ClaimAsync(ledger.Referrals, lease: NoLease);

        Assert.That((await ClaimAsync(ledger.Referrals)).Single().Crashes, Is.Zero);
    }

    [Test]
    public async Task A_row_given_back_waits_for_its_new_time_without_a_crash()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var begun = await BegunAsync(ledger.Referrals, "1");

        await ledger.Referrals.ReleaseAsync(begun.Id, begun.Fence, Start.AddMinutes(5), None);

        Assert.That(await ClaimAsync(ledger.Referrals), Is.Empty);
        Assert.That(await ledger.Referrals.FindAsync(begun.Id, None), Is.EqualTo(begun with { Working = false, LeaseUntil = null, DueAt = Start.AddMinutes(5), WaitsSince = Start }));
    }

    [Test]
    public async Task A_renewed_lease_keeps_others_away()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var begun = await BegunAsync(ledger.Referrals, "1", NoLease);

        Assert.That(await ledger.Referrals.RenewAsync(begun.Id, begun.Fence, Lease, None), Is.True);

        Assert.That(await ClaimAsync(ledger.Referrals), Is.Empty);
    }

    [Test]
    public async Task Many_transitions_at_once_are_all_durable_and_one_that_fails_fails_alone()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var begun = new List<Referral>();
        for (var i = 0; i < 64; i++)
        {
            begun.Add(await BegunAsync(ledger.Referrals, $"{i}"));
        }

        var outcomes = await Task.WhenAll(begun.Select((referral, i) => Task.Run(async () =>
        {
            try
            {
                return await ledger.Referrals.AdvanceAsync(referral, r => i == 32 ? throw new InvalidOperationException("this one") : Step(r, "packaged"), null, None) is not null;
            }
            catch (InvalidOperationException e) when (e.Message == "this one")
            {
                return false;
            }
        })));

        Assert.That(outcomes.Count(written => written), Is.EqualTo(63));
        var rows = new List<Referral>();
        foreach (var referral in begun)
        {
            rows.Add((await ledger.Referrals.FindAsync(referral.Id, None))!);
        }

        Assert.That(rows.Count(r => r.Sequence == 2 && !r.Working), Is.EqualTo(63));
        Assert.That(rows[32], Is.EqualTo(begun[32]));
    }
}
