using ReferralService.Ledger;
using ReferralService.Ledger.Sqlite;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Ledger;

/// <summary>What is prepared is prepared once: planning the claim of due rows costs more than running it.</summary>
internal sealed class SqliteStatementTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Test]
    public async Task A_claim_with_other_limits_is_not_prepared_again()
    {
        await using var ledger = await TemporaryLedger.OpenAsync();
        await ClaimAsync(ledger, most: 1);
        var before = await PreparedAgainAsync(ledger.Database.WriteAsync);

        await ClaimAsync(ledger, most: 2);
        await ClaimAsync(ledger, most: 3);

        Assert.That(await PreparedAgainAsync(ledger.Database.WriteAsync), Is.EqualTo(before));
    }

    [Test]
    public async Task Looking_for_other_numbers_of_events_is_not_prepared_again()
    {
        await using var ledger = await TemporaryLedger.OpenAsync();

        for (var most = 1; most <= 3; most++)
        {
            await ledger.Outbox.ClaimAsync(most, TimeSpan.FromMinutes(1), None);
        }

        Assert.That(await PreparedAgainAsync(ledger.Database.ReadAsync), Is.Zero);
    }

    private static Task<IReadOnlyList<ClaimedReferral>> ClaimAsync(TemporaryLedger ledger, int most)
        => ledger.Referrals.ClaimDueAsync(new ClaimLimits(most, TimeSpan.FromMinutes(1), most, most), None);

    private static Task<int> PreparedAgainAsync(Func<Func<LedgerSession, Task<int>>, CancellationToken, Task<int>> on)
        => on(session => Task.FromResult(((SqliteSession)session).PreparedAgain), None);
}
