using ReferralService.Ledger;
using static ReferralService.Tests.Ledger.LedgerSample;

namespace ReferralService.Tests.Ledger;

/// <summary>Who has packaged a referral goes on to its delivery where a claim would let it, and nowhere else.</summary>
internal sealed class TakeUpTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Test]
    public async Task What_was_packaged_is_taken_up_as_a_claim_and_a_begin_would()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var packaged = await PackagedAsync(ledger.Referrals, "1");

        var taken = await TakeUpAsync(ledger.Referrals, packaged);

        Assert.That(
            taken is { State: ReferralState.Packaged, Working: true, LeaseUntil: not null } && taken.Fence > packaged.Fence
            && await ledger.Referrals.AdvanceAsync(taken, r => Step(r, "tried"), keepLease: null, None) is not null);
    }

    [Test]
    public async Task Nobody_else_gets_what_was_taken_up()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var packaged = await PackagedAsync(ledger.Referrals, "1");
        await TakeUpAsync(ledger.Referrals, packaged);

        Assert.Multiple(async () =>
        {
            Assert.That(await TakeUpAsync(ledger.Referrals, packaged), Is.Null);
            Assert.That(await ClaimAsync(ledger.Referrals), Is.Empty);
        });
    }

    [Test]
    public async Task What_another_replica_has_claimed_is_not_taken_up()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var packaged = await PackagedAsync(ledger.Referrals, "1");
        await ClaimAsync(ledger.Referrals);

        Assert.That(await TakeUpAsync(ledger.Referrals, packaged), Is.Null);
    }

    [Test]
    public async Task A_recipient_without_a_place_is_sent_nothing_more()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await CreateAsync(ledger.Referrals, New("under way", recipient: "east") with { State = ReferralState.Delivering });
        await ClaimAsync(ledger.Referrals);
        var packaged = await PackagedAsync(ledger.Referrals, "1");

        var full = await TakeUpAsync(ledger.Referrals, packaged, places: 1);

        Assert.That((full, await TakeUpAsync(ledger.Referrals, packaged, places: 2)), Is.EqualTo(((Referral?)null, await ledger.Referrals.FindAsync(packaged.Id, None))));
    }

    [Test]
    public async Task Whoever_has_waited_longer_for_the_same_recipient_comes_first()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var packaged = await PackagedAsync(ledger.Referrals, "1");
        await CreateAsync(ledger.Referrals, New("waits", recipient: "east", dueAt: Start.AddHours(-1)) with { State = ReferralState.Packaged });

        Assert.That(await TakeUpAsync(ledger.Referrals, packaged), Is.Null);
    }

    [TestCase("recipient:east")]
    [TestCase("ehr:main")]
    public async Task What_a_pause_keeps_is_not_taken_up(string partner)
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var packaged = await PackagedAsync(ledger.Referrals, "1");
        await ledger.Pauses.PauseAsync([partner], None);

        Assert.That(await TakeUpAsync(ledger.Referrals, packaged), Is.Null);
    }

    [Test]
    public async Task The_dispatcher_hears_of_a_packaged_row_when_it_is_known_whether_it_was_taken_up()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var next = ledger.Work.Steps.Next;
        var packaged = await PackagedAsync(ledger.Referrals, "1", () => next = ledger.Work.Steps.Next);
        var before = next.IsCompleted;

        await TakeUpAsync(ledger.Referrals, packaged, places: 0);

        Assert.That((before, next.IsCompleted), Is.EqualTo((false, true)));
    }

    /// <param name="began">Called before it is packaged.</param>
    private static async Task<Referral> PackagedAsync(ReferralBook book, string order, Action? began = null)
    {
        var begun = await BegunAsync(book, order);
        began?.Invoke();
        return (await book.AdvanceAsync(
            begun, r => Step(r, "packaged", s => s with { State = ReferralState.Packaged, Recipient = "east", DueAt = Start }), keepLease: null, None, takesUp: true))!;
    }

    private static Task<Referral?> TakeUpAsync(ReferralBook book, Referral packaged, int places = 8) => book.TakeUpAsync(packaged.Id, packaged.Fence, places, Lease, None);
}
