using ReferralService.Ledger.Transitions;
using ReferralService.Ledger;
using ReferralService.Tests.Support;
using System.Collections.Immutable;
using static ReferralService.Tests.Ledger.LedgerSample;

namespace ReferralService.Tests.Ledger;

/// <summary>Acts on many: frozen lists, each item's one turn, and who works on them.</summary>
internal sealed class BulkBookTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Test]
    public async Task A_list_stays_as_it_was_frozen()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var ids = Enumerable.Range(1, 2300).Select(n => IdOf($"{n}")).ToList();
        var action = New("retry") with { Recipient = "east", Matched = 4000 };

        await ledger.Bulks.FreezeAsync(action, ids, None);

        Assert.That(await ledger.Bulks.FindAsync(action.Id, None), Is.EqualTo(action));
        var items = new List<BulkItem>();
        for (var page = await ledger.Bulks.ItemsAsync(action.Id, -1, 1000, None); !page.IsEmpty; page = await ledger.Bulks.ItemsAsync(action.Id, items[^1].Position, 1000, None))
        {
            items.AddRange(page);
        }

        Assert.That(items.Select(item => item.Referral), Is.EqualTo(ids));
        Assert.That(await ledger.Bulks.TallyAsync(action.Id, None), Is.EqualTo(new Dictionary<string, int> { [""] = 2300 }));
    }

    [Test]
    public async Task It_begins_once_however_often_it_is_begun()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var action = await FrozenAsync(ledger.Bulks, "1");

        var begun = await Task.WhenAll(Enumerable.Range(0, 4).Select(n => ledger.Bulks.StartAsync(action.Id, Act($"clicker-{n}", OperatorActs.BulkRetry), None)));

        Assert.That(begun.Count(first => first), Is.EqualTo(1));
        Assert.That(await ledger.Actions.ListAsync(new(), None), Has.Length.EqualTo(1));
        Assert.That((await ledger.Bulks.FindAsync(action.Id, None))!.State, Is.EqualTo(BulkState.Running));
    }

    [Test, Fault("H01")]
    public async Task What_a_dead_worker_left_goes_on_and_each_item_has_one_turn()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        foreach (var order in (string[])["1", "2", "3"])
        {
            await CreateAsync(ledger.Referrals, LedgerSample.New(order));
        }

        var action = await FrozenAsync(ledger.Bulks, "1", "2", "3");
        await ledger.Bulks.StartAsync(action.Id, Act("ops", OperatorActs.BulkCancel), None);
        var dead = (await ledger.Bulks.ClaimAsync(NoLease, None))!;
        Assert.That(await CancelAsync(ledger.Referrals, dead, 0), Is.True);
        var heir = (await ledger.Bulks.ClaimAsync(Lease, None))!;

        Assert.That(await ledger.Bulks.ClaimAsync(Lease, None), Is.Null, "one works on it at a time");
        Assert.That(await CancelAsync(ledger.Referrals, dead, 1), Is.False, "whoever was thought dead does nothing more");
        Assert.That(await ledger.Bulks.RenewAsync(dead, Lease, None), Is.False);
        Assert.That(await CancelAsync(ledger.Referrals, heir, 0), Is.False, "it had its turn");
        foreach (var item in await ledger.Bulks.OpenItemsAsync(action.Id, 10, None))
        {
            Assert.That(await CancelAsync(ledger.Referrals, heir, item.Position), Is.True);
        }

        await ledger.Bulks.FinishAsync(heir, None);

        Assert.That((await ledger.Bulks.FindAsync(action.Id, None))!.State, Is.EqualTo(BulkState.Done));
        Assert.That(await ledger.Bulks.TallyAsync(action.Id, None), Is.EqualTo(new Dictionary<string, int> { ["done"] = 3 }));
        var cancels = (await ledger.Actions.ListAsync(new(), None)).Where(act => act.Action == OperatorActs.Cancel).ToList();
        Assert.That(cancels.Select(act => act.Referral).Distinct().Count(), Is.EqualTo(3));
        Assert.That(cancels, Has.Count.EqualTo(3), "each act once in the record");
        Assert.That(await ledger.Referrals.ListAsync(new() { State = ReferralState.Cancelled }, None), Has.Length.EqualTo(3));
    }

    [Test]
    public async Task An_unfinished_act_is_not_ended()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var action = await FrozenAsync(ledger.Bulks, "1");
        await ledger.Bulks.StartAsync(action.Id, Act("ops", OperatorActs.BulkRetry), None);
        var claimed = (await ledger.Bulks.ClaimAsync(Lease, None))!;

        await ledger.Bulks.FinishAsync(claimed, None);

        Assert.That((await ledger.Bulks.FindAsync(action.Id, None))!.State, Is.EqualTo(BulkState.Running));
    }

    [Test]
    public async Task What_is_called_off_has_no_turn_any_more()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var row = await CreateAsync(ledger.Referrals, LedgerSample.New("1"));
        var action = await FrozenAsync(ledger.Bulks, "1", "2");
        await ledger.Bulks.StartAsync(action.Id, Act("ops", OperatorActs.BulkCancel), None);
        var claimed = (await ledger.Bulks.ClaimAsync(Lease, None))!;

        var stopped = await ledger.Bulks.StopAsync(action.Id, Act("boss", OperatorActs.BulkStop), None);

        Assert.That(stopped, Is.True);
        Assert.That(await CancelAsync(ledger.Referrals, claimed, 0), Is.False);
        Assert.That((await ledger.Referrals.FindAsync(row.Id, None))!.State, Is.EqualTo(ReferralState.Received));
        Assert.That(await ledger.Bulks.TallyAsync(action.Id, None), Is.EqualTo(new Dictionary<string, int> { [BulkItem.NotBegun] = 2 }));
        Assert.That(await ledger.Bulks.StopAsync(action.Id, Act("boss", OperatorActs.BulkStop), None), Is.False, "there is nothing left to call off");
    }

    [Test]
    public async Task Old_acts_are_forgotten_and_running_ones_are_not()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var old = await FrozenAsync(ledger.Bulks, "1");
        var running = await FrozenAsync(ledger.Bulks, "2");
        await ledger.Bulks.StartAsync(running.Id, Act("ops", OperatorActs.BulkRetry), None);

        Assert.That(await ledger.Bulks.PurgeAsync(Start.AddDays(1), None), Is.EqualTo(1));
        Assert.That(await ledger.Bulks.FindAsync(old.Id, None), Is.Null);
        Assert.That(await ledger.Bulks.FindAsync(running.Id, None), Is.Not.Null);
    }

    private static Task<bool> CancelAsync(ReferralBook book, BulkAction claimed, int position)
    {
        var id = IdOf($"{position + 1}");
        return book.DecideItemAsync(
            new BulkTurn(claimed.Id, position, claimed.Fence), new DecisionScope.One(id),
            rows => new(Act("ops", OperatorActs.Cancel) with { Referral = id, Bulk = claimed.Id }, [], [.. Cancelled(rows)]), None);
    }

    private static IEnumerable<Transition> Cancelled(ImmutableArray<Referral> rows)
        => rows.Select(row => ReferralTransitions.Cancel(row, Start)).OfType<Verdict.Allowed>().Select(allowed => allowed.Transition);

    private static async Task<BulkAction> FrozenAsync(BulkBook bulks, params string[] orders)
    {
        var action = New("cancel");
        await bulks.FreezeAsync(action, [.. orders.Select(IdOf)], None);
        return action;
    }

    private static ReferralId IdOf(string order) => LedgerSample.New(order).Id;

    private static BulkAction New(string action)
        => new() { Id = Guid.CreateVersion7(Start), Action = action, Actor = "ops", Role = "operator", State = BulkState.Previewed, At = Start, Matched = 1 };

    private static OperatorAction Act(string actor, string action)
        => new() { Id = Guid.CreateVersion7(Start), At = Start, Actor = actor, Role = "operator", Action = action };
}
