using ReferralService.Ledger;
using ReferralService.Ledger.Transitions;
using ReferralService.Tests.Support;
using static ReferralService.Tests.Ledger.LedgerSample;

namespace ReferralService.Tests.Ledger;

/// <summary>What an attempt left for the next is true of that attempt alone, also where the build before this one, which does not know it, made another.</summary>
internal sealed class AttemptMarkTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Test]
    public async Task What_an_attempt_left_is_read_back_while_it_is_the_last()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var taken = await TakenAsync(ledger.Referrals);

        var found = (await ledger.Referrals.FindAsync(taken.Id, None))!;

        Assert.That(found, Is.EqualTo(taken));
        Assert.That((found.AttemptBy, found.StatusUrl), Is.EqualTo(("PutId", "https://east.example/status/1")));
    }

    [Test]
    [Fault("P04")]
    public async Task An_attempt_of_an_older_build_has_nothing_of_the_one_before()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var taken = await TakenAsync(ledger.Referrals);

        // As that build begins an attempt.
        await ledger.Database.WriteAsync(
            s => s.ExecuteAsync("UPDATE referral SET state = 'delivering', attempt = attempt + 1, attempt_at = attempt_at + 60000000, outcome_unknown = @yes, revision = revision + 1",
                new Values().Add("yes", true), None),
            None);
        var found = (await ledger.Referrals.FindAsync(taken.Id, None))!;
        await ledger.Referrals.DecideAsync(new DecisionScope.One(taken.Id), rows => new Decision<bool>(true, [], [new Transition(rows[0], [Note(rows[0], "seen")])]), None);

        Assert.That((found.Attempt, found.AttemptBy, found.StatusUrl), Is.EqualTo((2, (string?)null, (string?)null)));
        Assert.That(
            await ledger.Database.ReadAsync(s => s.ScalarAsync("SELECT count(*) FROM referral WHERE attempt_by IS NULL AND status_url IS NULL", new Values(), None), None), Is.EqualTo(1),
            "and the next write of this build takes it away");
    }

    private static async Task<Referral> TakenAsync(ReferralBook book)
    {
        var begun = await BegunAsync(book, "1");
        var attempted = await book.AdvanceAsync(begun, r => StepTransitions.AttemptBegun(r, TimeSpan.FromDays(1), Start, "PutId"), Lease, None);
        return (await book.AdvanceAsync(
            attempted!, r => StepTransitions.TakenToBeDone(r, "https://east.example/status/1", Start.AddHours(1), TimeSpan.FromDays(1), Start), null, None))!;
    }
}
