using ReferralService.Ledger;
using ReferralService.Ledger.Transitions;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Ledger;

/// <summary>The commit went through, its answer did not: the ledger runs the work again, and time has passed meanwhile.</summary>
[Fault("D05")]
internal sealed class LostCommitAnswerTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Test]
    public async Task An_attempt_is_counted_once_though_the_answer_of_its_commit_was_lost()
    {
        await using var ledger = await TemporaryLedger.OpenAsync();
        var packaged = await ledger.BegunAsync(await ledger.PackagedAsync("1"));
        var clock = (ManualTimeProvider)ledger.Clock;
        var book = new ReferralBook(new RunsAgain(ledger.Database, clock), ledger.Options, ledger.Work);

        var begun = await book.AdvanceAsync(packaged, r => StepTransitions.AttemptBegun(r, TimeSpan.FromDays(3), clock.GetUtcNow()), TimeSpan.FromMinutes(1), None);

        Assert.That(begun?.Attempt, Is.EqualTo(1));
        Assert.That((await ledger.Referrals.TimelineAsync(packaged.Id, None)).Count(line => line.Event == "attempt"), Is.EqualTo(1));
    }

    [Test]
    public async Task A_step_that_ended_knows_its_own_end_though_the_answer_of_its_commit_was_lost()
    {
        await using var ledger = await TemporaryLedger.OpenAsync();
        var packaged = await ledger.BegunAsync(await ledger.PackagedAsync("1"));
        var clock = (ManualTimeProvider)ledger.Clock;
        var book = new ReferralBook(new RunsAgain(ledger.Database, clock), ledger.Options, ledger.Work);

        var delivered = await book.AdvanceAsync(packaged, r => StepTransitions.Delivered(r, new Dictionary<string, string>(), clock.GetUtcNow()), keepLease: null, None);

        Assert.That(delivered?.State, Is.EqualTo(ReferralState.Delivered));
    }

    [Test]
    public async Task A_step_that_began_goes_on_though_the_answer_of_its_commit_was_lost()
    {
        await using var ledger = await TemporaryLedger.OpenAsync();
        await ledger.ReceivedAsync("1");
        var claim = (await ledger.Referrals.ClaimDueAsync(new ClaimLimits(1, TimeSpan.FromMinutes(1), 1, 1), None)).Single();
        var book = new ReferralBook(new RunsAgain(ledger.Database, (ManualTimeProvider)ledger.Clock), ledger.Options, ledger.Work);

        var begun = await book.BeginAsync(claim.Id, claim.Fence, TimeSpan.FromMinutes(1), None);

        Assert.That((begun?.Working, begun?.Fence), Is.EqualTo((true, claim.Fence + 1)));
    }

    [Test]
    public async Task A_doubled_wake_up_finds_nothing_to_do_though_its_own_answer_was_lost()
    {
        await using var ledger = await TemporaryLedger.OpenAsync();
        await ledger.ReceivedAsync("1");
        var claim = (await ledger.Referrals.ClaimDueAsync(new ClaimLimits(1, TimeSpan.FromMinutes(1), 1, 1), None)).Single();
        var book = new ReferralBook(new RunsAgain(ledger.Database, (ManualTimeProvider)ledger.Clock), ledger.Options, ledger.Work);
        await book.BeginAsync(claim.Id, claim.Fence, TimeSpan.FromMinutes(1), None);

        Assert.That(await book.BeginAsync(claim.Id, claim.Fence, TimeSpan.FromMinutes(1), None), Is.Null);
    }

    /// <summary>Runs every single write twice and gives the second result, as the ledger on PostgreSQL does when the connection breaks at the commit.</summary>
    private sealed class RunsAgain(LedgerDatabase inner, ManualTimeProvider clock) : LedgerDatabase(inner.Sql, clock)
    {
        public override Task OpenAsync(CancellationToken cancellationToken) => inner.OpenAsync(cancellationToken);

        public override Task<T> WriteAsync<T>(Func<LedgerSession, Task<T>> work, CancellationToken cancellationToken) => inner.WriteAsync(work, cancellationToken);

        public override async Task<T> WriteSinglyAsync<T>(Func<LedgerSession, Task<T>> work, CancellationToken cancellationToken)
        {
            await inner.WriteSinglyAsync(work, cancellationToken);
            clock.Advance(TimeSpan.FromSeconds(1));
            return await inner.WriteSinglyAsync(work, cancellationToken);
        }

        public override Task<T> ReadAsync<T>(Func<LedgerSession, Task<T>> work, CancellationToken cancellationToken) => inner.ReadAsync(work, cancellationToken);

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
