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

    [TestCaseSource(nameof(Faults))]
    public async Task A_longer_lease_that_the_holder_took_covers_its_work_to_the_end_of_it(Exception fault, string code)
    {
        await using var keeper = Keep(_ => Task.FromException<bool>(fault));
        keeper.HoldsUntil(_clock.GetUtcNow() + 2 * Lease);

        for (var i = 0; i < 5; i++) await TurnAsync();
        bool early = keeper.Token.IsCancellationRequested || keeper.MayBeOver;
        _clock.Advance(Turn);
        await ToldAsync(keeper);

        Assert.That((early, keeper.MayBeOver), Is.EqualTo((false, true)));
        Assert.That(_log.Lines, Has.Exactly(6).Contains($"({code})"));
    }

    [Test]
    public async Task A_ledger_that_never_answers_is_asked_again_within_a_longer_lease()
    {
        await using var keeper = Keep(_ => _asked == 1 ? new TaskCompletionSource<bool>().Task : Task.FromResult(true));
        keeper.HoldsUntil(_clock.GetUtcNow() + 10 * Lease);

        for (var i = 0; i < 5; i++) await TurnAsync();

        Assert.That((_asked, keeper.Token.IsCancellationRequested), Is.EqualTo((2, false)));
    }

    [Test]
    public async Task A_renewal_does_not_shorten_a_longer_lease()
    {
        await using var keeper = Keep(_ => Task.FromResult(true));
        keeper.HoldsUntil(_clock.GetUtcNow() + 3 * Lease);

        await TurnAsync();
        _clock.Advance(Lease + Turn);

        Assert.That(keeper.MayBeOver, Is.False);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task What_the_work_throws_when_it_is_told_to_end_does_not_become_the_steps_own_result(bool isLost)
    {
        var keeper = Keep(_ => isLost ? Task.FromResult(false) : Task.FromException<bool>(new IOException()));
        await using var registration = keeper.Token.Register(() => throw new InvalidOperationException("of the work"));

        await TurnAsync(waits: !isLost);
        await TurnAsync(waits: !isLost);
        _clock.Advance(Turn);
        await ToldAsync(keeper);

        Assert.That(async () => await keeper.DisposeAsync(), Throws.Nothing);
        Assert.That(_log.Lines, Has.Exactly(1).Contains(nameof(InvalidOperationException)));
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
    private async Task TurnAsync(bool waits = true)
    {
        _clock.Advance(Turn);
        if (!waits) return;
        using var ceiling = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (_clock.Waiting == 0) await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, ceiling.Token);
    }
}
