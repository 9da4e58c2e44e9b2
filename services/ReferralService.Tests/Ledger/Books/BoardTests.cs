using ReferralService.Ledger;
using static ReferralService.Tests.Ledger.LedgerSample;

namespace ReferralService.Tests.Ledger;

/// <summary>The board's counts, on both databases.</summary>
internal sealed class BoardTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Test]
    public async Task Open_referrals_are_counted_by_how_they_stand_and_the_rest_by_state()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await CreateAsync(ledger.Referrals,
            New("1"), New("2") with { ErrorCode = "ehr-unreachable" }, New("3") with { State = ReferralState.Delivering, OutcomeUnknown = true },
            New("4") with { State = ReferralState.Held, DueAt = null, ErrorCode = "tls" }, New("5") with { State = ReferralState.Delivered, DueAt = null });

        var counts = await new BoardBook(ledger.Database).StandingsAsync(None);

        Assert.That(counts.Select(c => (c.State, c.Standing, c.Count)), Is.EquivalentTo(new[]
        {
            (ReferralState.Received, "going", 1L), (ReferralState.Received, "put-off", 1L), (ReferralState.Delivering, "unknown", 1L),
            (ReferralState.Held, "", 1L), (ReferralState.Delivered, "", 1L),
        }));
    }

    [Test]
    public async Task Troubles_are_what_the_problems_are_by_state_and_code()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await CreateAsync(ledger.Referrals,
            New("1") with { State = ReferralState.Held, DueAt = null, ErrorCode = "tls" }, New("2") with { State = ReferralState.Held, DueAt = null, ErrorCode = "tls" },
            New("3") with { State = ReferralState.Failed, DueAt = null, ErrorCode = "refused" }, New("4") with { ErrorCode = "ehr-unreachable", GatherTries = 2 },
            New("5") with { ErrorCode = "recipient-busy", GatherTries = 3 }, New("6") with { State = ReferralState.Delivered, DueAt = null });

        var troubles = await new BoardBook(ledger.Database).TroublesAsync(None);

        Assert.That(troubles.Select(t => (t.State, t.Code, t.Count)), Is.EqualTo(new (ReferralState?, string, long)[] { (ReferralState.Held, "tls", 2), (null, "recipient-busy", 1), (ReferralState.Failed, "refused", 1) }));
    }

    [Test]
    public async Task Hours_hold_what_came_in_them_and_nothing_older()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        foreach (var (order, hours) in ((string, int)[])[("1", -30), ("2", -3), ("3", -3), ("4", 0)])
        {
            await CreateAsync(ledger.Referrals, New(order) with { CreatedAt = Start.AddHours(hours) });
        }

        var counts = await new BoardBook(ledger.Database).HoursAsync(Start.AddHours(-23), None);

        Assert.That(counts.OrderBy(c => c.Hour).Select(c => (c.Hour, c.Count)), Is.EqualTo(new[] { (Start.AddHours(-3), 2L), (Start, 1L) }));
    }

    [Test]
    public async Task The_mark_changes_when_something_moves_and_not_else()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var board = new BoardBook(ledger.Database);
        var begun = await BegunAsync(ledger.Referrals, "1");
        var (first, still) = (await board.MarkAsync(None), await board.MarkAsync(None));

        await ledger.Referrals.AdvanceAsync(begun, r => Step(r, "deferred"), null, None);

        Assert.That((still == first, await board.MarkAsync(None) == first), Is.EqualTo((true, false)));
    }

    [Test]
    public async Task Any_of_what_is_known_of_a_referral_finds_it()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        const string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        await CreateAsync(ledger.Referrals, New("1") with { TraceParent = $"00-{trace}-00f067aa0ba902b7-01", Recipient = "east", ErrorCode = "tls" }, New("2"));
        var wanted = New("1").Id;

        var found = new List<ReferralId[]>();
        foreach (var query in (ReferralQuery[])
            [new() { Search = new() { Id = wanted } }, new() { Search = new() { OrderId = "1" } }, new() { Search = new() { TraceId = trace, OrderId = "none" } }, new() { Recipient = "east" }, new() { ErrorCode = "tls" }, new() { Standing = ReferralStanding.PutOff }])
        {
            found.Add([.. (await ledger.Referrals.ListAsync(query, None)).Select(row => row.Id)]);
        }

        Assert.That(found, Has.All.EqualTo(new[] { wanted }));
    }

    private static async Task CreateAsync(ReferralBook referrals, params Referral[] rows)
    {
        foreach (var row in rows)
        {
            await referrals.DecideAsync(new DecisionScope.Order(row.Ehr, row.OrderId), _ => new Decision<bool>(true, [new Transition(row, [Event(row, "received")])], []), None);
        }
    }
}
