using Microsoft.Extensions.Logging.Abstractions;
using ReferralService.Ledger;
using ReferralService.Tests.Support;
using static ReferralService.Tests.Ledger.LedgerSample;

namespace ReferralService.Tests.Ledger;

/// <summary>When a replica calls another dead.</summary>
internal sealed class ReplicaKeeperTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    [Test]
    public async Task Another_is_called_dead_once_this_one_has_itself_renewed_for_as_long()
    {
        await using var scene = await Scene.StartAsync();

        await scene.LiveAsync(turns: 3);
        Assert.That(await scene.OthersAsync(), Is.EqualTo(1), "it may have been the database that was away");

        await scene.LiveAsync(turns: 1);
        Assert.That(await scene.OthersAsync(), Is.Zero);
    }

    [Test]
    public async Task After_a_time_in_which_this_one_could_not_renew_the_others_get_as_long_to_come_back()
    {
        await using var scene = await Scene.StartAsync();
        await scene.LiveAsync(turns: 3);
        await scene.SleepAsync(TimeSpan.FromSeconds(30));

        await scene.LiveAsync(turns: 3);
        Assert.That(await scene.OthersAsync(), Is.EqualTo(1));

        await scene.LiveAsync(turns: 1);
        Assert.That(await scene.OthersAsync(), Is.Zero);
    }

    /// <summary>A keeper at work on a roll that names another replica, silent since long ago.</summary>
    private sealed class Scene(TemporaryLedger ledger, ReplicaKeeper keeper) : IAsyncDisposable
    {
        private ManualTimeProvider Clock => (ManualTimeProvider)ledger.Clock;

        public static async Task<Scene> StartAsync()
        {
            var ledger = await TemporaryLedger.OpenAsync(new ManualTimeProvider(Start));
            await ledger.Database.WriteAsync(s => s.ExecuteAsync("INSERT INTO replica (id, alive_until) VALUES ('other', 0)", new Values(), None), None);
            var keeper = new ReplicaKeeper(
                new ReplicaRoll(ledger.Database), ledger.Work, new LedgerOptions { ReplicaTimeout = Timeout }, ledger.Clock, NullLogger<ReplicaKeeper>.Instance);
            await keeper.StartAsync(None);
            return new Scene(ledger, keeper);
        }

        /// <summary>Its turns come when they should.</summary>
        public async Task LiveAsync(int turns)
        {
            for (var turn = 0; turn < turns; turn++)
            {
                await SleepAsync(Timeout / 4);
            }
        }

        /// <summary>One turn, so much later.</summary>
        public async Task SleepAsync(TimeSpan span)
        {
            await SettledAsync();
            Clock.Advance(span);
            await SettledAsync();
        }

        public async Task<long?> OthersAsync()
            => await ledger.Database.ReadAsync(s => s.ScalarAsync("SELECT count(*) FROM replica WHERE id = 'other'", new Values(), None), None);

        /// <summary>The turn is over when its timer for the next one is set.</summary>
        private async Task SettledAsync()
        {
            using var ceiling = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            while (Clock.Waiting == 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, ceiling.Token);
            }
        }

        public async ValueTask DisposeAsync()
        {
            await keeper.StopAsync(None);
            keeper.Dispose();
            await ledger.DisposeAsync();
        }
    }
}
