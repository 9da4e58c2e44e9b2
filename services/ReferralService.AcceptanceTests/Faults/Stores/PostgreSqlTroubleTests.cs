using System.Net;
using Npgsql;
using ReferralService.AcceptanceTests.Flow;
using ReferralService.AcceptanceTests.Support;
using ReferralService.Tests.Support;

namespace ReferralService.AcceptanceTests.Faults.Stores;

/// <summary>PostgreSQL is killed, cuts its connections, or hangs, under the service as it is deployed.</summary>
public sealed class PostgreSqlTroubleTests
{
    private const int Orders = 25;

    [Test]
    [Fault("D05")]
    public async Task Cut_connections_and_a_killed_server_lose_nothing_and_double_nothing()
    {
        await using var server = await PostgreSqlServer.StartNewAsync();
        await using var scene = await Scene.StartAsync();
        await using var service = await StartAsync(scene, await server.CreateDatabaseAsync());
        using var over = new CancellationTokenSource();
        var cutting = CutAsync(server, over.Token);

        foreach (var seed in Enumerable.Range(1, Orders))
        {
            await service.HookUntilAcceptedAsync(scene, scene.WriteOrder(seed));
        }

        await over.CancelAsync();
        var cuts = await cutting;
        await server.KillAsync();
        using var refused = await service.HookAsync(scene, scene.WriteOrder(Orders + 1));
        using var live = await service.Http.GetAsync("/health/live");
        await server.StartAsync();
        await service.HookUntilAcceptedAsync(scene, scene.WriteOrder(Orders + 1));
        await service.UntilDeliveredAsync(Orders + 1);

        Assert.Multiple(() =>
        {
            Assert.That(cuts, Is.GreaterThan(0), "connections were cut");
            Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
            Assert.That(live.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        });
        await service.CheckAsync(scene, Orders + 1);
    }

    [Test]
    [Fault("D06")]
    public async Task A_hanging_table_and_two_connections_are_back_pressure_and_no_collapse()
    {
        var database = await (await SharedPostgreSql.GetAsync()).CreateDatabaseAsync();
        await using var scene = await Scene.StartAsync();
        await using var service = await StartAsync(scene, database + ";Maximum Pool Size=2;Command Timeout=2;Timeout=2");
        await service.HookUntilAcceptedAsync(scene, scene.WriteOrder(seed: 1));
        await service.UntilDeliveredAsync(1);
        var orders = Enumerable.Range(2, 20).Select(seed => scene.WriteOrder(seed)).ToList();

        await using (var other = new NpgsqlConnection(database))
        {
            await other.OpenAsync();
            await using var transaction = await other.BeginTransactionAsync();
            await using var hold = new NpgsqlCommand("LOCK TABLE notice, referral IN ACCESS EXCLUSIVE MODE", other, transaction);
            await hold.ExecuteNonQueryAsync();

            var hooks = orders.Select(order => service.HookAsync(scene, order)).ToList();
            using var live = await service.Http.GetAsync("/health/live");
            var answers = await Task.WhenAll(hooks);

            Assert.Multiple(() =>
            {
                Assert.That(live.StatusCode, Is.EqualTo(HttpStatusCode.OK));
                Assert.That(answers.Select(a => a.StatusCode), Is.All.EqualTo(HttpStatusCode.ServiceUnavailable));
                Assert.That(answers.Select(a => a.Headers.RetryAfter), Is.All.Not.Null);
            });
            Array.ForEach(answers, answer => answer.Dispose());
        }

        foreach (var order in orders)
        {
            await service.HookUntilAcceptedAsync(scene, order);
        }

        await service.UntilDeliveredAsync(1 + orders.Count);
        await service.CheckAsync(scene, 1 + orders.Count);
    }

    private static Task<ServiceReplica> StartAsync(Scene scene, string database)
        => ServiceReplica.StartNewAsync(StoreScene.Settings(scene, ("Ledger:Provider", "PostgreSql"), ("Ledger:ConnectionString", database)));

    /// <summary>Ends every session of the service again and again, in the middle of whatever it does; how many it ended.</summary>
    private static async Task<int> CutAsync(PostgreSqlServer server, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionTo("postgres"));
        await connection.OpenAsync(CancellationToken.None);
        var cut = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            await using var terminate = new NpgsqlCommand("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'referral-service'", connection);
            cut += (int)(long)(await terminate.ExecuteScalarAsync(CancellationToken.None))!;
            await Task.Delay(TimeSpan.FromMilliseconds(60), TimeProvider.System, CancellationToken.None);
        }

        return cut;
    }
}
