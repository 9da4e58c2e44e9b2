using ReferralService.Ledger;
using static ReferralService.Tests.Ledger.LedgerSample;

namespace ReferralService.Tests.Ledger;

internal sealed class ReadingTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Test]
    public async Task A_timeline_is_in_the_order_written_notes_between_events()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var begun = await BegunAsync(ledger.Referrals, "1");
        var detail = new Dictionary<string, string> { ["status"] = "503", ["progress"] = "1/2" };

        var advanced = await ledger.Referrals.AdvanceAsync(begun, r =>
        {
            var step = Step(r with { Sequence = r.Sequence + 1 }, "packaged");
            return step with { Entries = [Event(r with { Sequence = r.Sequence + 1 }, "gathered"), Note(r, "odd") with { Detail = detail, Entries = 214 }, .. step.Entries] };
        }, Lease, None);
        await ledger.Referrals.AdvanceAsync(advanced!, r => new(r, [Note(r, "later")]), null, None);

        var timeline = await ledger.Referrals.TimelineAsync(begun.Id, None);
        Assert.That(timeline.Select(l => (l.Sequence, l.Event)), Is.EqualTo(new (int?, string)[] { (1, "received"), (2, "gathered"), (null, "odd"), (3, "packaged"), (null, "later") }));
        Assert.That(timeline[2].Detail, Is.EqualTo(detail));
        Assert.That(timeline[3], Is.EqualTo(Event(begun with { Sequence = 3 }, "packaged") with { EventId = timeline[3].EventId }));
    }

    [Test]
    public async Task Pages_of_the_list_do_not_shift_when_rows_are_added()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        for (var i = 0; i < 6; i++)
        {
            await CreateAsync(ledger.Referrals, New($"{i}"));
        }

        var first = await ledger.Referrals.ListAsync(new() { Limit = 3 }, None);
        await CreateAsync(ledger.Referrals, New("new"));
        var second = await ledger.Referrals.ListAsync(new() { Limit = 3, Before = first[^1].Number }, None);

        Assert.That(first.Concat(second).Select(r => r.OrderId), Is.EqualTo(new[] { "5", "4", "3", "2", "1", "0" }));
    }

    [Test]
    public async Task The_list_keeps_to_its_filters()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await CreateAsync(ledger.Referrals, New("1", recipient: "east"));
        await CreateAsync(ledger.Referrals, New("2", ehr: "other"));
        await CreateAsync(ledger.Referrals, New("3") with { State = ReferralState.Held, Recipient = "west", UpdatedAt = Start.AddHours(1) });

        Assert.That(await OrdersAsync(new()), Is.EqualTo(new[] { "3", "2", "1" }));
        Assert.That(await OrdersAsync(new() { State = ReferralState.Held }), Is.EqualTo(new[] { "3" }));
        Assert.That(await OrdersAsync(new() { Ehr = "other" }), Is.EqualTo(new[] { "2" }));
        Assert.That(await OrdersAsync(new() { Recipient = "east" }), Is.EqualTo(new[] { "1" }));
        Assert.That(await OrdersAsync(new() { UpdatedSince = Start.AddHours(1) }), Is.EqualTo(new[] { "3" }));
        Assert.That(await OrdersAsync(new() { Ehr = "main", State = ReferralState.Received }), Is.EqualTo(new[] { "1" }));

        async Task<IEnumerable<string>> OrdersAsync(ReferralQuery query) => (await ledger.Referrals.ListAsync(query, None)).Select(r => r.OrderId);
    }

    [Test]
    public async Task Open_orders_are_those_not_ended()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        foreach (var state in Enum.GetValues<ReferralState>())
        {
            await CreateAsync(ledger.Referrals, New(state.Name()) with { State = state });
        }

        await CreateAsync(ledger.Referrals, New("held", recipient: "east"));
        await CreateAsync(ledger.Referrals, New("elsewhere", ehr: "other"));

        Assert.That(await ledger.Referrals.OpenOrdersAsync("main", None), Is.EqualTo(new[] { "delivering", "gathering", "held", "packaged", "received" }));
    }

    [Test]
    public async Task The_oldest_waiting_is_told_by_whom_it_waits_for()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await WalkAsync(New("1", recipient: "east", dueAt: Start.AddHours(9)), (1, ReferralState.Gathering), (2, ReferralState.Packaged), (3, ReferralState.Delivering), (4, ReferralState.Delivering));
        await WalkAsync(New("2", recipient: "east"), (3, ReferralState.Packaged));
        await WalkAsync(New("3", recipient: "west"), (1, ReferralState.Packaged), (2, ReferralState.Held), (5, ReferralState.Packaged), (6, ReferralState.Delivering));
        await WalkAsync(New("4"), (1, ReferralState.Packaged), (7, ReferralState.Gathering), (8, ReferralState.Gathering));
        await WalkAsync(New("5", ehr: "second", dueAt: Start.AddHours(9)), (8, ReferralState.Gathering));
        await WalkAsync(New("6", ehr: "third"), (1, ReferralState.Held));
        await WalkAsync(New("7", ehr: "third", recipient: "north"), (1, ReferralState.Packaged), (2, ReferralState.Delivered));

        var oldest = await ledger.Referrals.OldestWaitingAsync(None);

        Assert.That(oldest.ByEhr, Is.EqualTo(new Dictionary<string, DateTimeOffset> { ["main"] = Start.AddHours(7), ["second"] = Start }));
        Assert.That(oldest.ByRecipient, Is.EqualTo(new Dictionary<string, DateTimeOffset> { ["east"] = Start.AddHours(2), ["west"] = Start.AddHours(5) }));

        // Each step writes a line; being put off is one in the same state.
        async Task WalkAsync(Referral referral, params (int Hour, ReferralState State)[] steps)
        {
            await CreateAsync(ledger.Referrals, referral);
            foreach (var (hour, state) in steps)
            {
                await ledger.Referrals.DecideAsync(
                    new DecisionScope.One(referral.Id),
                    rows =>
                    {
                        var row = rows.Single(r => r.Id == referral.Id) with { State = state, DueAt = state.IsResting() ? null : referral.DueAt };
                        return new Decision<bool>(true, [], [new Transition(row, [Note(row, "step") with { At = Start.AddHours(hour) }])]);
                    },
                    None);
            }
        }
    }

    /// <summary>The build before this one moves rows and leaves what this one noted of them as it was.</summary>
    [TestCase("awaited_for = NULL, awaited_since = NULL", TestName = "The oldest waiting is told of rows that an older build made")]
    [TestCase("awaited_for = 'd:elsewhere', awaited_since = 1", TestName = "The oldest waiting is told of rows that an older build moved on")]
    public async Task The_oldest_waiting_is_told_from_the_timeline_where_nothing_is_noted(string left)
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await CreateAsync(ledger.Referrals, New("1", recipient: "east"));
        await ledger.Referrals.DecideAsync(
            new DecisionScope.One(New("1", recipient: "east").Id),
            rows => new Decision<bool>(true, [], [Step(rows.Single(), "packaged", r => r with { State = ReferralState.Packaged })]), None);
        var noted = await ledger.Referrals.OldestWaitingAsync(None);
        await ledger.Database.WriteAsync(s => s.ExecuteAsync($"UPDATE referral SET {left}", new Values(), None), None);

        var told = await ledger.Referrals.OldestWaitingAsync(None);

        Assert.That(told.ByRecipient, Is.EqualTo(noted.ByRecipient).And.Count.EqualTo(1));
        Assert.That(told.ByEhr, Is.Empty);
    }

    [Test]
    public async Task What_is_to_be_gathered_for_a_recipient_that_is_paused_or_cannot_be_asked_waits_for_the_recipient()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await CreateAsync(ledger.Referrals, New("1", recipient: "east"));
        await PutAsync("2", 1, r => r with { ErrorCode = "ehr-unreachable" });
        await PutAsync("2", 2, r => r with { ErrorCode = "recipient-unreachable" });
        await PutAsync("2", 3, r => r with { ErrorCode = "recipient-unreachable" });
        await PutAsync("3", 4, r => r with { ErrorCode = "ehr-unreachable" }, "west");
        await PutAsync("3", null, r => r with { SetAsideFor = "recipient:west" }, "west");

        var oldest = await ledger.Referrals.OldestWaitingAsync(None);
        var waiting = await ledger.Referrals.WaitingAsync(None);
        var lanes = await new BoardBook(ledger.Database).LanesAsync(None);

        Assert.That(oldest.ByEhr, Is.EqualTo(new Dictionary<string, DateTimeOffset> { ["main"] = Start }));
        Assert.That(oldest.ByRecipient, Is.EqualTo(new Dictionary<string, DateTimeOffset> { ["north"] = Start.AddHours(2), ["west"] = Start.AddHours(5) }));
        Assert.That(waiting, Is.EqualTo(new Dictionary<string, int> { ["g:main"] = 1, ["d:north"] = 1, ["d:west"] = 1 }));
        Assert.That(lanes, Is.EquivalentTo(new LaneCount[] { new("ehr:main", 1), new("recipient:north", 1), new("recipient:west", 1) }));

        async Task PutAsync(string order, int? hour, Func<Referral, Referral> change, string recipient = "north")
        {
            var referral = New(order, recipient: recipient);
            if (await ledger.Referrals.FindAsync(referral.Id, None) is null) await CreateAsync(ledger.Referrals, referral);
            await ledger.Referrals.DecideAsync(
                new DecisionScope.One(referral.Id),
                rows =>
                {
                    var row = change(rows.Single(r => r.Id == referral.Id) with { State = ReferralState.Gathering, UpdatedAt = Start.AddHours(hour ?? 5) });
                    return new Decision<bool>(true, [], [new Transition(row, hour is { } at ? [Note(row, "deferred") with { At = Start.AddHours(at) }] : [])]);
                },
                None);
        }
    }

    [Test]
    public async Task What_was_learned_of_a_partner_is_recalled_until_forgotten()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await ledger.Memory.LearnAsync("recipient:east", "form", "document", None);
        await ledger.Memory.LearnAsync("recipient:east", "form", "transaction", None);
        await ledger.Memory.LearnAsync("ehr:main", "page-size", "50", None);

        Assert.That(await ledger.Memory.RecallAsync("recipient:east", None), Is.EqualTo(new Dictionary<string, string> { ["form"] = "transaction" }));
        await ledger.Memory.ForgetAsync("recipient:east", None);
        Assert.That(await ledger.Memory.RecallAsync("recipient:east", None), Is.Empty);
        Assert.That(await ledger.Memory.RecallAsync("ehr:main", None), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_ledger_that_can_be_written_says_so()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();

        Assert.That(() => ledger.Database.CheckWritableAsync(None), Throws.Nothing);
    }
}
