using ReferralService.Flow;
using ReferralService.Ledger;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Flow;

/// <summary>A lease is renewed until the work is done, or the work is told that it is no longer covered.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class LeaseKeeperTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Turn = Lease / 3;
    private readonly ManualTimeProvider _clock = new();
    private readonly LogLines _log = new();
    private int _asked;

    [TestCaseSource(nameof(Faults))]
    public async Task A_renewal_that_fails_is_tried_again_at_the_next_turn(Exception fault, string code)
    {
        await using var keeper = Keep(_ => _asked == 1 ? Task.FromException<bool>(fault) : Task.FromResult(true));

        // As long as the lease would have held without any renewal, and longer.
        for (var i = 0; i < 5; i++) await TurnAsync();

        Assert.That((_asked, keeper.Token.IsCancellationRequested), Is.EqualTo((5, false)));
        Assert.That(_log.Lines, Has.Exactly(1).Contains($"({code})"));
    }

    [TestCaseSource(nameof(Faults))]
    public async Task Work_whose_lease_cannot_be_renewed_any_more_is_told_when_it_is_over(Exception fault, string code)
    {
        await using var keeper = Keep(_ => Task.FromException<bool>(fault));

        await TurnAsync();
        await TurnAsync();
        bool early = keeper.Token.IsCancellationRequested;
        _clock.Advance(Turn);
        await ToldAsync(keeper);

        Assert.That(early, Is.False);
        Assert.That(_log.Lines, Has.Exactly(1).Contains("given up").And.Exactly(3).Contains($"({code})"));
    }

    [Test]
    public async Task A_ledger_that_never_answers_does_not_outlast_the_lease()
    {
        await using var keeper = Keep(_ => new TaskCompletionSource<bool>().Task);

        await TurnAsync();
        bool early = keeper.Token.IsCancellationRequested;
        await TurnAsync();
        _clock.Advance(Turn);
        await ToldAsync(keeper);

        Assert.That(early, Is.False);
    }

    [Test]
    public async Task Who_has_lost_the_lease_is_told_at_once()
    {
        await using var keeper = Keep(_ => Task.FromResult(false));

        _clock.Advance(Turn);

        Assert.That(() => ToldAsync(keeper), Throws.Nothing);
    }

    private static IEnumerable<TestCaseData> Faults() =>
    [
        new(new LedgerUnavailableException("ledger-busy", new IOException()), "ledger-busy") { TestName = "{m}(the ledger is away)" },
        new(new InvalidOperationException("nobody expected it"), nameof(InvalidOperationException)) { TestName = "{m}(unexpected)" },
        new(new OperationCanceledException("of another's token"), nameof(OperationCanceledException)) { TestName = "{m}(cancelled by another)" },
    ];

    private LeaseKeeper Keep(Func<CancellationToken, Task<bool>> renew) => new(
        token =>
        {
            _asked++;
            return renew(token);
        },
        Lease, _clock, _log, CancellationToken.None);

    private static async Task ToldAsync(LeaseKeeper keeper)
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = keeper.Token.Register(told.SetResult);
        await told.Task.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
    }

    /// <summary>One turn passes, and the keeper waits for the next.</summary>
    private async Task TurnAsync()
    {
        _clock.Advance(Turn);
        using var ceiling = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (_clock.Waiting == 0) await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, ceiling.Token);
    }
}
