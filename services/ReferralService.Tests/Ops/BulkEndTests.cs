using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using ReferralService.Ledger;
using ReferralService.Ledger.Transitions;
using ReferralService.Ops.Bulk;
using ReferralService.RecipientDirectory;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Ops;

/// <summary>Acts on many that do not go as they were meant: too many, one that cannot be read, called off while they run.</summary>
internal sealed class BulkEndTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    private OpsHost _host = null!;

    [SetUp]
    public async Task Start() => _host = await OpsHost.StartAsync();

    [TearDown]
    public async Task End() => await _host.DisposeAsync();

    [Test]
    public async Task Of_too_many_the_oldest_are_taken_and_all_are_counted()
    {
        var ids = new List<ReferralId>();
        for (var n = 1; n <= 5; n++)
        {
            ids.Add(await HeldAsync($"{n}"));
        }

        var freezing = new BulkFreezing(_host.Ledger.Bulks, _host.Ledger.Problems, _host.Ledger.Referrals, _host.Service<RecipientRegistry>(), _host.Clock) { Most = 3 };
        var (token, refusal) = await freezing.FreezeAsync(new DefaultHttpContext(), new BulkWish(OperatorActs.Retry, null, new BulkChoice.Filter(new ReferralQuery { State = ReferralState.Held })));

        Assert.That(refusal, Is.Null);
        var items = await _host.Ledger.Bulks.ItemsAsync(token!.Value, -1, 10, None);
        Assert.That(items.Select(item => item.Referral), Is.EqualTo(ids.Take(3)));
        Assert.That((await _host.Ledger.Bulks.FindAsync(token.Value, None))!.Matched, Is.EqualTo(5));
        Assert.That(await _host.Http.GetStringAsync(new Uri($"/bulk/{token:D}", UriKind.Relative)), Does.Contain("these are the 3 oldest"));
    }

    [Test]
    public async Task One_that_cannot_be_read_keeps_nobody_from_their_turn()
    {
        var ids = new[] { await HeldAsync("1"), await HeldAsync("2"), await HeldAsync("3") };
        var claimed = await RunningAsync(ids);
        Spoil(ids[1]);
        using var runner = Runner();

        while (await runner.RunBatchAsync(claimed, 1, None)) { }

        var items = await _host.Ledger.Bulks.ItemsAsync(claimed.Id, -1, 10, None);
        Assert.That(items.Select(item => item.Outcome), Is.EqualTo(new[] { "done", "internal-error", "done" }));
        Assert.That((await _host.Ledger.Bulks.FindAsync(claimed.Id, None))!.State, Is.EqualTo(BulkState.Done));
        Assert.That((await _host.Ledger.Actions.ListAsync(new(), None)).Select(act => act.Outcome), Does.Contain("internal-error"));
    }

    [Test]
    public async Task Called_off_while_one_has_its_turn_that_one_is_done_and_no_other()
    {
        var ids = new[] { await HeldAsync("1"), await HeldAsync("2"), await HeldAsync("3") };
        var claimed = await RunningAsync(ids);
        Task<bool>? stopping = null;

        var done = await _host.Ledger.Referrals.DecideItemAsync(
            new BulkTurn(claimed.Id, 0, claimed.Fence), new DecisionScope.One(ids[0]),
            rows =>
            {
                stopping ??= _host.Ledger.Bulks.StopAsync(claimed.Id, Act(claimed, OperatorActs.BulkStop), None);
                return new(Act(claimed, OperatorActs.Cancel), [], [((Verdict.Allowed)ReferralTransitions.Cancel(rows[0], _host.Clock.GetUtcNow())).Transition]);
            },
            None);
        var stopped = await stopping!;
        using var runner = Runner();
        var goesOn = await runner.RunBatchAsync(claimed, 10, None);

        Assert.That((done, stopped, goesOn), Is.EqualTo((true, true, false)));
        var items = await _host.Ledger.Bulks.ItemsAsync(claimed.Id, -1, 10, None);
        Assert.That(items.Select(item => item.Outcome), Is.EqualTo(new[] { "done", "stopped", "stopped" }));
        Assert.That((await _host.Ledger.Bulks.FindAsync(claimed.Id, None))!.State, Is.EqualTo(BulkState.Stopped));
        Assert.That((await _host.Ledger.Referrals.FindAsync(ids[1], None))!.State, Is.EqualTo(ReferralState.Held));
    }

    [Test]
    public async Task To_call_off_what_has_ended_says_that_nothing_was_left()
    {
        var claimed = await RunningAsync([await HeldAsync("1")]);
        using var runner = Runner();
        while (await runner.RunBatchAsync(claimed, 10, None)) { }

        using var form = new FormUrlEncodedContent([]);
        using var answer = await _host.Http.PostAsync(new Uri($"/bulk/{claimed.Id:D}/cancel", UriKind.Relative), form);

        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("Nothing was left to call off").And.Not.Contain("The rest is called off"));
    }

    [Test]
    public async Task The_mark_of_the_live_pages_moves_with_an_act_on_many_and_with_pauses()
    {
        var board = new BoardBook(_host.Ledger.Database);
        // Nothing to do: cancelled before, so that no referral moves.
        var id = await HeldAsync("1");
        await _host.Ledger.Referrals.DecideAsync<bool>(
            new DecisionScope.One(id), rows => new(true, [], [((Verdict.Allowed)ReferralTransitions.Cancel(rows[0], _host.Clock.GetUtcNow())).Transition]), None);
        var marks = new List<string> { await board.MarkAsync(None) };

        var claimed = await RunningAsync([id, id]);
        marks.Add(await board.MarkAsync(None));
        using var runner = Runner();
        await runner.RunBatchAsync(claimed, 1, None);
        marks.Add(await board.MarkAsync(None));
        while (await runner.RunBatchAsync(claimed, 1, None)) { }
        marks.Add(await board.MarkAsync(None));
        await _host.Ledger.Pauses.PauseAsync(["recipient:urology-east"], Act(claimed, OperatorActs.Pause), None);
        marks.Add(await board.MarkAsync(None));

        Assert.That(marks, Is.Unique, string.Join(" ", marks));
    }

    private BulkRunner Runner() => new(_host.Ledger.Bulks, _host.Ledger.Referrals, _host.Service<BulkRules>(), _host.Clock, NullLogger<BulkRunner>.Instance);

    private async Task<BulkAction> RunningAsync(ReferralId[] ids)
    {
        var now = _host.Clock.GetUtcNow();
        var action = new BulkAction { Id = Guid.CreateVersion7(now), Action = OperatorActs.Cancel, Actor = "ops", Role = "operator", State = BulkState.Previewed, At = now, Matched = ids.Length };
        await _host.Ledger.Bulks.FreezeAsync(action, ids, None);
        await _host.Ledger.Bulks.StartAsync(action.Id, Act(action, action.Act), None);
        return (await _host.Ledger.Bulks.ClaimAsync(TimeSpan.FromSeconds(30), None))!;
    }

    private OperatorAction Act(BulkAction of, string action)
    {
        var now = _host.Clock.GetUtcNow();
        return new() { Id = Guid.CreateVersion7(now), At = now, Actor = "ops", Role = "operator", Action = action, Bulk = of.Id };
    }

    /// <summary>As damage to the file would: no state that there is.</summary>
    private void Spoil(ReferralId id)
    {
        using var connection = new SqliteConnection($"Data Source={_host.Ledger.File};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "UPDATE referral SET state = 'no-state' WHERE lower(id) = lower(@id)";
        command.Parameters.AddWithValue("@id", id.ToString());
        Assert.That(command.ExecuteNonQuery(), Is.EqualTo(1));
    }

    private async Task<ReferralId> HeldAsync(string order)
    {
        var begun = await _host.Ledger.BegunAsync(await _host.Ledger.PackagedAsync(order));
        return (await _host.Ledger.StepAsync(begun, row => StepTransitions.Held(row, "auth-refused", "Held.", _host.Clock.GetUtcNow()))).Id;
    }
}
