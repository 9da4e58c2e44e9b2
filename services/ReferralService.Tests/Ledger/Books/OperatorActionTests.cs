using ReferralService.Contracts;
using ReferralService.Ledger;
using static ReferralService.Tests.Ledger.LedgerSample;

namespace ReferralService.Tests.Ledger;

/// <summary>The record of what was done by hand.</summary>
internal sealed class OperatorActionTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Test]
    public async Task What_was_done_is_read_back_as_it_was_written()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var whole = Act("ops", OperatorActs.Reveal) with
        {
            Referral = new ReferralId(Guid.CreateVersion7(Start)), Partner = "recipient:east", Bulk = Guid.CreateVersion7(Start), Reason = "patient-request", Ticket = "T/1", Outcome = ReasonCodes.Forbidden,
        };

        await ledger.Actions.AppendAsync(whole, None);
        await ledger.Actions.AppendAsync(Act("ops", OperatorActs.Pause), None);

        var read = await ledger.Actions.ListAsync(new(), None);
        Assert.That(read[1] with { Number = 0 }, Is.EqualTo(whole));
        Assert.That(read[0] with { Number = 0, Id = whole.Id }, Is.EqualTo(Act("ops", OperatorActs.Pause) with { Id = whole.Id }));
    }

    [Test]
    public async Task The_newest_come_first_and_the_next_page_begins_below_the_last()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        foreach (var action in (string[])["a", "b", "c", "d", "e"])
        {
            await ledger.Actions.AppendAsync(Act(action is "b" ? "another" : "ops", action), None);
        }

        var first = await ledger.Actions.ListAsync(new() { Actor = "ops", Limit = 2 }, None);
        var second = await ledger.Actions.ListAsync(new() { Actor = "ops", Limit = 2, Before = first[^1].Number }, None);

        Assert.That(first.Concat(second).Select(one => one.Action), Is.EqualTo(new[] { "e", "d", "c", "a" }));
    }

    [Test]
    public async Task Of_a_referral_only_its_own_are_shown()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var mine = new ReferralId(Guid.CreateVersion7(Start));
        await ledger.Actions.AppendAsync(Act("ops", "a") with { Referral = mine }, None);
        await ledger.Actions.AppendAsync(Act("ops", "b") with { Referral = new ReferralId(Guid.CreateVersion7(Start)) }, None);
        await ledger.Actions.AppendAsync(Act("ops", "c"), None);

        Assert.That((await ledger.Actions.ListAsync(new() { Referral = mine }, None)).Select(one => one.Action), Is.EqualTo(new[] { "a" }));
    }

    [Test]
    public async Task Written_twice_it_is_there_once()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var act = Act("ops", "a");

        await ledger.Actions.AppendAsync(act, None);
        await ledger.Actions.AppendAsync(act with { Outcome = ReasonCodes.Forbidden }, None);

        Assert.That((await ledger.Actions.ListAsync(new(), None)).Select(one => one.Outcome), Is.EqualTo(new[] { OperatorAction.Done }));
    }

    [Test]
    public async Task A_decision_and_its_record_are_one_transaction()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var row = await CreateAsync(ledger.Referrals, New("1"));

        var failing = ledger.Referrals.DecideAsync<bool>(
            new DecisionScope.One(row.Id), rows => new(true, [], [Step(rows[0], "retried")]), _ => throw new InvalidOperationException("no record"), None);

        Assert.That(async () => await failing, Throws.InvalidOperationException);
        Assert.That((await ledger.Referrals.FindAsync(row.Id, None))!.Revision, Is.EqualTo(row.Revision), "without its record it is not done");
    }

    [Test]
    public async Task A_pause_is_recorded_with_it()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();

        await ledger.Pauses.PauseAsync(["ehr:main"], Act("ops", OperatorActs.Pause) with { Partner = "ehr:main" }, None);
        await ledger.Pauses.ResumeAsync(["ehr:main"], Act("ops", OperatorActs.Resume) with { Partner = "ehr:main" }, None);

        Assert.That((await ledger.Actions.ListAsync(new(), None)).Select(one => $"{one.Action} {one.Partner}"), Is.EqualTo(new[] { "resume ehr:main", "pause ehr:main" }));
    }

    [TestCase("Peter Chalmers", null, "ops", null)]
    [TestCase(null, "MRN 12345", "ops", null)]
    [TestCase(null, "12345678901234567890123456789012345678901", "ops", null)]
    [TestCase(null, null, "", null)]
    [TestCase(null, null, "two\nlines", null)]
    [TestCase(null, null, "ops", "Peter Chalmers")]
    public async Task A_text_that_anybody_made_up_is_not_recorded(string? reason, string? ticket, string actor, string? outcome)
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var act = Act(actor, OperatorActs.Reveal) with { Reason = reason, Ticket = ticket, Outcome = outcome ?? OperatorAction.Done };

        Assert.That(async () => await ledger.Actions.AppendAsync(act, None), Throws.ArgumentException.With.Message.Not.Contains("Chalmers").And.Message.Not.Contains("123"));
        Assert.That(await ledger.Actions.ListAsync(new(), None), Is.Empty);
    }

    [TestCase(257, 0)]
    [TestCase(3, 161)]
    public async Task A_name_that_is_too_long_is_not_recorded(int actor, int partner)
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var act = Act(new string('a', actor), OperatorActs.Pause) with { Partner = partner == 0 ? null : new string('p', partner) };

        Assert.That(async () => await ledger.Actions.AppendAsync(act, None), Throws.ArgumentException);
    }

    private static OperatorAction Act(string actor, string action)
        => new() { Id = Guid.CreateVersion7(Start), At = Start, Actor = actor, Role = "operator", Action = action };
}
