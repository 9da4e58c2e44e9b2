using System.Collections.Immutable;
using ReferralService.AcceptanceTests.Support;
using ReferralService.Ledger;
using ReferralService.Tests.Ledger;
using ReferralService.Tests.Support;
using static ReferralService.Tests.Ledger.LedgerSample;

namespace ReferralService.AcceptanceTests.Ledger;

/// <summary>What only the PostgreSQL ledger does: several replicas, a server that goes away and comes back.</summary>
internal sealed class PostgreSqlReplicaTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Test]
    public async Task Replicas_that_start_together_make_the_schema_once()
    {
        var database = await (await SharedPostgreSql.GetAsync()).CreateDatabaseAsync();

        var replicas = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => LedgerUnderTest.OpenAsync(database))));

        foreach (var replica in replicas)
        {
            Assert.That(() => replica.Database.CheckWritableAsync(None), Throws.Nothing);
            await replica.DisposeAsync();
        }
    }

    [Test]
    public async Task A_schema_newer_than_the_build_is_refused()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await ledger.Database.WriteAsync(s => s.ExecuteAsync("INSERT INTO ledger_schema (version) VALUES (7)", new Values(), None), None);

        Assert.That(() => LedgerUnderTest.OpenAsync(ledger.ConnectionString), Throws.InstanceOf<LedgerStartException>().With.Message.StartsWith("The ledger is at schema 7"));
    }

    [Test]
    public async Task A_schema_made_with_another_edition_of_a_script_is_refused()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await ledger.Database.WriteAsync(s => s.ExecuteAsync("UPDATE ledger_script SET sha256 = 'another' WHERE version = 2", new Values(), None), None);

        Assert.That(() => LedgerUnderTest.OpenAsync(ledger.ConnectionString), Throws.InstanceOf<LedgerStartException>().With.Message.StartsWith("The ledger was brought to schema 2 by a build"));
    }

    [Test]
    public async Task Replicas_share_the_claims_and_the_decisions()
    {
        await using var one = await LedgerUnderTest.OpenAsync();
        await using var two = await LedgerUnderTest.OpenAsync(one.ConnectionString);
        for (var i = 0; i < 20; i++)
        {
            await CreateAsync(one.Referrals, New($"{i}"));
        }

        var claims = await Task.WhenAll(Task.Run(() => ClaimAsync(one.Referrals, 15)), Task.Run(() => ClaimAsync(two.Referrals, 15)));
        var answers = await Task.WhenAll(new[] { one, two, one, two }.Select(ledger => Task.Run(() => ledger.Referrals.DecideAsync(new DecisionScope.Order("main", "new"), CreateOnce, None))));

        Assert.That(claims.SelectMany(c => c).Select(c => c.Id), Is.Unique);
        Assert.That(answers.Count(created => created), Is.EqualTo(1));

        static Decision<bool> CreateOnce(ImmutableArray<Referral> rows) => rows.IsEmpty ? new(true, [new(New("new"), [])], []) : Decision<bool>.Only(false);
    }

    /// <summary>Both have looked for the id and found none, at two replicas and under two orders' locks, before either writes: the unique key decides.</summary>
    [TestCase("the same body", "the same body", false)]
    [TestCase("a body", "another body", true)]
    public async Task One_command_id_for_two_orders_at_once_is_answered_once(string body, string otherBody, bool reused)
    {
        await using var one = await LedgerUnderTest.OpenAsync();
        await using var two = await LedgerUnderTest.OpenAsync(one.ConnectionString);
        using var bothLooked = new Barrier(2);

        var receipts = await Task.WhenAll(
            Task.Run(() => CommandAsync(one, body, "1")),
            Task.Run(() => CommandAsync(two, otherBody, "2")));

        var first = receipts.OfType<CommandReceipt.Answered>().Single(r => r.FirstTime);
        CommandReceipt repeated = reused ? new CommandReceipt.IdReused() : first with { FirstTime = false };
        Assert.That(receipts, Is.EquivalentTo(new[] { first, repeated }));
        Assert.That((await one.Referrals.ListAsync(new(), None)).Select(r => r.OrderId), Is.EqualTo(new[] { first.AnswerJson }));

        Task<CommandReceipt> CommandAsync(LedgerUnderTest ledger, string body, string order) => ledger.Referrals.DecideCommandAsync(
            new CommandKey("c-1", body),
            new DecisionScope.Order("main", order),
            _ =>
            {
                Assert.That(bothLooked.SignalAndWait(TimeSpan.FromSeconds(30)), "the other one looked too");
                return new Decision<string>(order, [new(New(order), [])], []);
            },
            None);
    }

    [Test]
    public async Task Leases_do_not_hang_on_a_replicas_own_clock()
    {
        await using var one = await LedgerUnderTest.OpenAsync(new ManualTimeProvider(Start));
        await using var fast = await LedgerUnderTest.OpenAsync(one.ConnectionString, new ManualTimeProvider(Start.AddDays(1)));
        await CreateAsync(one.Referrals, New("1"));
        await ClaimAsync(one.Referrals);

        Assert.That(await ClaimAsync(fast.Referrals), Is.Empty);
    }

    [Test]
    public async Task A_transition_whose_answer_was_lost_is_written_once()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var begun = await BegunAsync(ledger.Referrals, "1");

        // The statement was committed, its answer never came: the ledger runs the same work again.
        var written = await ledger.Referrals.AdvanceAsync(begun, r => Step(r, "packaged"), null, None);
        var repeated = await ledger.Referrals.AdvanceAsync(begun, r => Step(r, "packaged"), null, None);

        Assert.That(repeated, Is.EqualTo(written));
        Assert.That(await ledger.Referrals.TimelineAsync(begun.Id, None), Has.Length.EqualTo(2));
    }

    [Test]
    public async Task Cut_connections_are_replaced_without_the_caller_noticing()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var referral = await CreateAsync(ledger.Referrals, New("1"));
        await (await SharedPostgreSql.GetAsync()).ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'referral-service'");

        Assert.That(await ledger.Referrals.FindAsync(referral.Id, None), Is.EqualTo(referral));
    }

    [Test]
    public async Task A_server_that_is_killed_is_told_and_nothing_committed_is_lost()
    {
        await using var server = await PostgreSqlServer.StartNewAsync();
        await using var ledger = await LedgerUnderTest.OpenAsync(await server.CreateDatabaseAsync());
        var referral = await CreateAsync(ledger.Referrals, New("1"));

        await server.KillAsync();
        Assert.That(() => CreateAsync(ledger.Referrals, New("2")),
            Throws.InstanceOf<LedgerUnavailableException>().With.Property(nameof(LedgerUnavailableException.Code)).EqualTo("ledger-unreachable"));

        await server.StartAsync();
        Assert.That(await ledger.Referrals.FindAsync(referral.Id, None), Is.EqualTo(referral));
        Assert.That(await CreateAsync(ledger.Referrals, New("2")), Is.Not.Null);
    }
}
