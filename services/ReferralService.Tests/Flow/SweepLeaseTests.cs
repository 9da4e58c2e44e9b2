using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using ReferralService.Ledger;
using ReferralService.Sandbox.Faults;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Flow;

/// <summary>A sweep's lease: kept while the sweep works, given back whatever ends it.</summary>
internal sealed class SweepLeaseTests : SubscriptionScene
{
    /// <summary>The search by which the versions of open orders are asked for.</summary>
    private const string Reread = "^/ServiceRequest\\?_id=";

    [Test]
    public async Task It_is_renewed_while_the_open_orders_are_asked_for()
    {
        await using var service = await StartAsync();
        await OpenOrderAsync(service);
        Ehr.Faults.Add(new Fault { Path = Reread, Delay = TimeSpan.FromMinutes(10) });

        // Of one sweep: taken with its claim, prolonged with its one page, and from then on while it waits for the answer.
        var seen = new HashSet<(long Fence, long Until)>();
        await UntilAsync(async () =>
        {
            long fence = await AskAsync(service, "SELECT fence FROM sweep WHERE lease_until IS NOT NULL");
            seen.Add((fence, await AskAsync(service, $"SELECT lease_until FROM sweep WHERE fence = {fence}")));
            return seen.Count(one => one.Fence == fence && one.Until > 0) >= 5;
        });
    }

    [Test]
    public async Task It_is_given_back_when_rereading_the_open_orders_fails_and_the_sweep_is_tried_again()
    {
        await using var service = await StartAsync();
        // Nobody expects it: a fault of ours, as far as the service can know.
        await AskAsync(service, "CREATE TRIGGER reread BEFORE UPDATE ON notice WHEN NEW.source = 'reread' BEGIN SELECT RAISE(ABORT, 'broken'); END");
        await OpenOrderAsync(service);
        Ehr.Delete("ServiceRequest", "open");

        await UntilAsync(async () => await AskAsync(service, "SELECT count(*) FROM sweep WHERE due_at IS NOT NULL AND lease_until IS NULL") == 1);
        await AskAsync(service, "DROP TRIGGER reread");

        await UntilAsync(async () => (await service.ListAsync()).Single().GetProperty("state").GetString() == "cancelled");
    }

    private Task<RunningService> StartAsync() => RunningService.StartAsync(Settings(
        ("Ehrs:main:PollInterval", "00:00:01"), ("Ehrs:main:Since", "2026-01-01T00:00:00Z"), ("Flow:Lease", "00:00:02"), ("Flow:LookEvery", "00:00:00.050")));

    /// <summary>An order whose referral stays open: nobody is configured for its performer.</summary>
    private async Task OpenOrderAsync(RunningService service)
    {
        WriteOrder("open");
        await UntilAsync(async () => (await service.ListAsync()).SingleOrDefault() is { ValueKind: System.Text.Json.JsonValueKind.Object } one && one.GetProperty("state").GetString() == "held");
    }

    private static async Task<long> AskAsync(RunningService service, string sql)
    {
        await using var connection = new SqliteConnection(service.Services.GetRequiredService<LedgerOptions>().ConnectionString);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync() is long value ? value : 0;
    }
}
