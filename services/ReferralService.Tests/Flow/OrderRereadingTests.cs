using ReferralService.Contracts;
using ReferralService.Flow;
using ReferralService.Gathering;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Flow;

/// <summary>Many attempts of one EHR's orders at once: who waits for its turn, and when the EHR counts as silent.</summary>
[Fault("C09")]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class OrderRereadingTests : IDisposable
{
    private const int Places = 8;

    private readonly ManualTimeProvider _clock = new();
    private readonly OrderRereading _orders;
    private TimeSpan _answersAfter = Timeout.InfiniteTimeSpan;
    private int _asked;

    public OrderRereadingTests() => _orders = new OrderRereading(AnswerAsync, new FlowOptions { PerEhr = Places }, _clock);

    public void Dispose() => _orders.Dispose();

    [Test]
    public async Task Nobody_who_waited_for_its_turn_is_put_off_by_an_EHR_that_answers()
    {
        _answersAfter = TimeSpan.FromSeconds(4);
        var readings = Read(3 * Places);
        for (var round = 1; round <= 3; round++)
        {
            await AskedAsync(round * Places);
            _clock.Advance(_answersAfter);
        }

        Assert.That(await readings, Has.All.TypeOf<OrderReading.Gone>());
    }

    [Test]
    public async Task Who_waits_for_its_turn_does_not_ask_an_EHR_that_was_found_silent_meanwhile()
    {
        var readings = Read(3 * Places);
        await AskedAsync(Places);

        _clock.Advance(OrderRereading.Longest);

        Assert.That(await readings, Has.All.Property("Code").EqualTo(ReasonCodes.EhrUnreachable));
        Assert.That(_asked, Is.EqualTo(Places));
    }

    [Test]
    public async Task A_turn_that_did_not_come_says_nothing_of_the_EHR()
    {
        _answersAfter = TimeSpan.FromSeconds(9);
        var first = Read(4 * Places);
        var late = Read(Places);
        for (var round = 1; round <= 3; round++)
        {
            await AskedAsync(round * Places);
            _clock.Advance(_answersAfter);
        }

        await AskedAsync(4 * Places);
        _clock.Advance(OrderRereading.LongestTurn - 3 * _answersAfter);
        var put = await late;
        _clock.Advance(_answersAfter);
        var answered = await first;
        var next = Read(1);
        await AskedAsync((4 * Places) + 1);
        _clock.Advance(_answersAfter);

        Assert.That(put, Has.All.Property("Code").EqualTo(ReasonCodes.EhrUnreachable));
        Assert.That(answered.Concat(await next), Has.All.TypeOf<OrderReading.Gone>());
    }

    private async Task<OrderReading> AnswerAsync(string ehr, string order, CancellationToken cancellationToken)
    {
        var answer = Task.Delay(_answersAfter, _clock, cancellationToken);
        Interlocked.Increment(ref _asked);
        await answer;
        return new OrderReading.Gone();
    }

    private Task<OrderReading[]> Read(int count)
        => Task.WhenAll(Enumerable.Range(0, count).Select(i => _orders.ReadAsync("main", $"o-{i}", CancellationToken.None))).WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);

    private async Task AskedAsync(int count)
    {
        using var ceiling = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (Volatile.Read(ref _asked) < count) await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, ceiling.Token);
    }
}
