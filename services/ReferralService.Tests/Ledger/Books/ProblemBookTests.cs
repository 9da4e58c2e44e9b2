using ReferralService.Contracts;
using ReferralService.Ledger;
using static ReferralService.Tests.Ledger.LedgerSample;

namespace ReferralService.Tests.Ledger;

/// <summary>What is in trouble, by partner, code and first issue.</summary>
internal sealed class ProblemBookTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Test]
    public async Task Those_of_one_cause_are_one_group()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await RefusedAsync(ledger.Referrals, "1", "east", "required Patient.birthDate", Start);
        await RefusedAsync(ledger.Referrals, "2", "east", "required Patient.birthDate", Start.AddHours(1));
        await RefusedAsync(ledger.Referrals, "3", "east", "value Patient.gender", Start);
        await RefusedAsync(ledger.Referrals, "4", "west", "required Patient.birthDate", Start);
        await CreateAsync(ledger.Referrals, New("5"));

        var groups = await ledger.Problems.GroupsAsync(100, None);

        Assert.That(groups[0], Is.EqualTo(new ProblemGroup(new("recipient:east", ReasonCodes.Refused, "required Patient.birthDate"), 2, Start, Start.AddHours(1))));
        Assert.That(groups.Select(group => $"{group.Count} {group.Key.Partner} {group.Key.Issue}"), Is.EquivalentTo(new[]
        {
            "2 recipient:east required Patient.birthDate", "1 recipient:east value Patient.gender", "1 recipient:west required Patient.birthDate",
        }));
    }

    [TestCase(ReferralState.Gathering, ReasonCodes.EhrUnreachable, 0, 2, null)]
    [TestCase(ReferralState.Gathering, ReasonCodes.EhrUnreachable, 0, 3, "ehr:main")]
    [TestCase(ReferralState.Packaged, ReasonCodes.RecipientUnreachable, 2, 0, null)]
    [TestCase(ReferralState.Packaged, ReasonCodes.RecipientUnreachable, 3, 0, "recipient:east")]
    [TestCase(ReferralState.Delivering, ReasonCodes.OutcomeUnknown, 1, 0, "recipient:east")]
    [TestCase(ReferralState.Held, ReasonCodes.RecordIncomplete, 0, 0, "ehr:main")]
    [TestCase(ReferralState.Held, ReasonCodes.RecipientIncapable, 0, 0, "recipient:east")]
    [TestCase(ReferralState.Cancelled, ReasonCodes.OrderRevoked, 5, 0, null)]
    [TestCase(ReferralState.Delivered, null, 5, 0, null)]
    public async Task Only_what_somebody_should_look_at_is_one(ReferralState state, string? code, int attempt, int tries, string? partner)
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await CreateAsync(ledger.Referrals, New("1", recipient: "east") with
        {
            State = state, ErrorCode = code, Attempt = attempt, GatherTries = tries, DueAt = state.IsResting() ? null : Start,
            PackageId = state is ReferralState.Packaged or ReferralState.Delivering ? Guid.CreateVersion7(Start) : null,
        });

        Assert.That((await ledger.Problems.GroupsAsync(100, None)).SingleOrDefault()?.Key.Partner, Is.EqualTo(partner));
    }

    /// <summary>No attempt is made and no record tried for while the recipient cannot be asked what it takes.</summary>
    [TestCase(ReferralState.Gathering, 0, 2, false)]
    [TestCase(ReferralState.Gathering, 0, 3, true)]
    [TestCase(ReferralState.Packaged, 1, 2, false)]
    [TestCase(ReferralState.Packaged, 1, 3, true)]
    public async Task A_recipient_that_could_not_be_asked_three_times_is_one_of_the_recipients(ReferralState state, int packages, int putOff, bool expected)
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await CreateAsync(ledger.Referrals, New("1", recipient: "east") with
        {
            State = state, ErrorCode = ReasonCodes.RecipientUnreachable, PackageVersion = packages, Sequence = 1 + (2 * packages) + putOff,
            PackageId = packages > 0 ? Guid.CreateVersion7(Start) : null,
        });

        Assert.That((await ledger.Problems.GroupsAsync(100, None)).Select(group => group.Key), Is.EqualTo(expected ? [new ProblemKey("recipient:east", ReasonCodes.RecipientUnreachable, "")] : Array.Empty<ProblemKey>()));
    }

    [Test]
    public async Task A_group_is_read_from_the_newest_to_the_oldest_and_each_knows_its_neighbours()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var key = new ProblemKey("recipient:east", ReasonCodes.Refused, "value Patient.gender");
        var rows = new List<Referral>();
        foreach (var order in (string[])["1", "2", "3"])
        {
            rows.Add(await RefusedAsync(ledger.Referrals, order, "east", key.Issue, Start));
            await RefusedAsync(ledger.Referrals, $"other-{order}", "west", key.Issue, Start);
        }

        var first = await ledger.Problems.MembersAsync(key, null, 2, None);
        var second = await ledger.Problems.MembersAsync(key, first[^1].Number, 2, None);

        Assert.That(first.Concat(second).Select(row => row.OrderId), Is.EqualTo(new[] { "3", "2", "1" }));
        Assert.That(await ledger.Problems.PlaceAsync(key, rows[1].Number, None), Is.EqualTo(new ProblemPlace(rows[2].Id, rows[0].Id, 2, 3)));
        Assert.That(await ledger.Problems.PlaceAsync(key, rows[2].Number, None), Is.EqualTo(new ProblemPlace(null, rows[1].Id, 1, 3)));
        Assert.That(await ledger.Problems.IdsAsync(key, 10, None), Is.EqualTo(rows.Select(row => row.Id)), "the oldest first, for an act on all");
        Assert.That(await ledger.Problems.CountAsync(key, None), Is.EqualTo(3));
    }

    [Test]
    public async Task One_without_an_issue_is_not_of_those_that_have_one()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await RefusedAsync(ledger.Referrals, "1", "east", "value", Start);
        await RefusedAsync(ledger.Referrals, "2", "east", null, Start);

        Assert.That(await ledger.Problems.CountAsync(new("recipient:east", ReasonCodes.Refused, ""), None), Is.EqualTo(1));
        Assert.That(await ledger.Problems.CountAsync(new("recipient:east", ReasonCodes.Refused, "value"), None), Is.EqualTo(1));
    }

    /// <summary>Failed, with the last line of its timeline telling the first issue.</summary>
    private static async Task<Referral> RefusedAsync(ReferralBook book, string order, string recipient, string? issue, DateTimeOffset at)
    {
        var row = New(order, recipient: recipient) with
        {
            State = ReferralState.Failed, ErrorCode = ReasonCodes.Refused, DueAt = null, PackageId = Guid.CreateVersion7(Start), UpdatedAt = at,
        };
        var line = Event(row, "failed") with { Detail = issue is null ? null : new Dictionary<string, string> { ["status"] = "422", ["issue"] = issue } };
        await book.DecideAsync(new DecisionScope.Order(row.Ehr, row.OrderId), _ => new Decision<bool>(true, [new(row, [line])], []), None);
        return (await book.FindAsync(row.Id, None))!;
    }
}
