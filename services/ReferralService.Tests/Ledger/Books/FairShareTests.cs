using ReferralService.Ledger;
using ReferralService.Tests.Support;
using static ReferralService.Tests.Ledger.LedgerSample;

namespace ReferralService.Tests.Ledger;

/// <summary>A process's room is shared between partners so that those that hang never take the last of it.</summary>
[Fault("C09")]
internal sealed class FairShareTests
{
    private const int Room = 32;

    [TestCase(1)]
    [TestCase(4)]
    [TestCase(9)]
    public async Task However_many_partners_hang_there_is_room_left_and_each_has_some(int hanging)
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await WaitingAsync(ledger.Referrals, hanging, each: 10);

        var taken = await TakeAllAsync(ledger.Referrals);

        Assert.Multiple(() =>
        {
            Assert.That(taken.Values.Min(), Is.GreaterThanOrEqualTo(1));
            Assert.That(Room - taken.Values.Sum(), Is.GreaterThanOrEqualTo(taken.Values.Max()), "room for the others");
            Assert.That(taken.Values.Max(), Is.LessThanOrEqualTo(8), "a partner's own limit");
        });
    }

    [Test]
    public async Task Four_that_hang_leave_the_next_one_room_at_once_and_get_no_more_themselves()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await WaitingAsync(ledger.Referrals, partners: 4, each: 20);
        var hung = (await TakeAllAsync(ledger.Referrals)).Values.Sum();
        for (var i = 0; i < 10; i++)
        {
            await CreateAsync(ledger.Referrals, New($"quick-{i}", recipient: "quick") with { State = ReferralState.Packaged });
        }

        var quick = await ClaimSharedAsync(ledger.Referrals, Room - hung);

        Assert.That(quick.Count(c => c.Recipient == "quick"), Is.GreaterThanOrEqualTo(4));
        Assert.That(quick.Select(c => c.Recipient).Distinct(), Is.EqualTo(new[] { "quick" }), "those that hang get nothing more");
    }

    [Test]
    public async Task One_partner_alone_has_all_its_places()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await WaitingAsync(ledger.Referrals, partners: 1, each: 20);

        Assert.That((await TakeAllAsync(ledger.Referrals)).Values.Single(), Is.EqualTo(8));
    }

    [Test]
    public async Task What_is_claimed_and_not_begun_counts_as_room_taken()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await WaitingAsync(ledger.Referrals, partners: 10, each: 10);

        var claimed = 0;
        for (var round = 0; round < 10; round++)
        {
            claimed += (await ClaimSharedAsync(ledger.Referrals, Room)).Count;
        }

        Assert.That(claimed, Is.LessThanOrEqualTo(Room));
    }

    private static async Task WaitingAsync(ReferralBook book, int partners, int each)
    {
        for (var i = 0; i < each; i++)
        {
            for (var p = 0; p < partners; p++)
            {
                await CreateAsync(book, New($"{p}-{i}", recipient: $"hung-{p}") with { State = ReferralState.Packaged });
            }
        }
    }

    /// <summary>Claims and begins as a dispatcher does until there is nothing more to be had; how many each partner then has.</summary>
    private static async Task<Dictionary<string, int>> TakeAllAsync(ReferralBook book)
    {
        var taken = new Dictionary<string, int>(StringComparer.Ordinal);
        while (true)
        {
            var claims = await ClaimSharedAsync(book, Room - taken.Values.Sum());
            if (claims.Count == 0)
            {
                return taken;
            }

            foreach (var claim in claims)
            {
                await book.BeginAsync(claim.Id, claim.Fence, Lease, CancellationToken.None);
                taken[claim.Recipient!] = taken.GetValueOrDefault(claim.Recipient!) + 1;
            }
        }
    }

    private static Task<IReadOnlyList<ClaimedReferral>> ClaimSharedAsync(ReferralBook book, int room)
        => book.ClaimDueAsync(new ClaimLimits(room, Lease, PerEhr: 8, PerRecipient: 8) { Shared = true }, CancellationToken.None);
}
