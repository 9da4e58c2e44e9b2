using System.Collections.Immutable;
using ReferralService.Ledger;
using static ReferralService.Tests.Ledger.LedgerSample;

namespace ReferralService.Tests.Ledger;

internal sealed class DecisionTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Test]
    public async Task A_row_is_read_back_as_it_was_written()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var written = New("1", recipient: "urology-east") with
        {
            RecipientGiven = true, State = ReferralState.Delivering, ErrorCode = "outcome-unknown", ErrorMessage = "The outcome is not known.", Attempt = 3, GatherTries = 2,
            LeaseUntil = Start.AddMinutes(1), Fence = 7, Working = true, Crashes = 2, GatherDeadline = Start.AddDays(1), DeliveryDeadline = Start.AddDays(3), PackageVersion = 2,
            PackageId = Guid.CreateVersion7(Start), PackageForm = PackageForm.Transaction, PackageDigest = "sha-256:ab", PackageBytes = 5_000_000_000, PackageEntries = 214,
            PackageChunks = 12, TargetBase = "https://consultant.example/fhir", OrderVersion = "3", OutcomeUnknown = true, CancelCause = "operator", OrderNoticed = "4",
            AttemptAt = Start.AddSeconds(5), ResendAnyway = true, TraceParent = "00-1-2-01", UpdatedAt = Start.AddSeconds(9).AddMicroseconds(3),
        };

        var read = await CreateAsync(ledger.Referrals, written);

        Assert.That(read, Is.EqualTo(written with { Number = read.Number, Revision = 1 }));
    }

    [Test]
    public async Task Many_who_decide_on_one_order_at_once_create_one_referral()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => ledger.Referrals.DecideAsync(
            new DecisionScope.Order("main", "1"),
            rows => rows.IsEmpty ? new Decision<string>("created", [new(New("1"), [Event(New("1"), "received")])], []) : Decision<string>.Only("joined"),
            None))));

        Assert.Multiple(() =>
        {
            Assert.That(answers.Count(a => a == "created"), Is.EqualTo(1));
            Assert.That(answers.Count(a => a == "joined"), Is.EqualTo(15));
        });
    }

    [Test]
    public async Task Decisions_on_one_row_follow_one_another()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var referral = await CreateAsync(ledger.Referrals, New("1"));

        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => ledger.Referrals.DecideAsync(
            new DecisionScope.One(referral.Id), rows => new Decision<bool>(true, [], [Step(rows.Single(), "retried")]), None))));

        var timeline = await ledger.Referrals.TimelineAsync(referral.Id, None);
        Assert.That(timeline.Select(line => line.Sequence), Is.EqualTo(Enumerable.Range(1, 17)));
    }

    [Test]
    public async Task A_decision_about_one_referral_sees_the_others_of_its_order()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var first = await CreateAsync(ledger.Referrals, New("1"));
        var second = await CreateAsync(ledger.Referrals, New("1", recipient: "urology-east"));
        await CreateAsync(ledger.Referrals, New("2"));

        var seen = await ledger.Referrals.DecideAsync(new DecisionScope.One(second.Id), Decision<ImmutableArray<Referral>>.Only, None);

        Assert.That(seen, Is.EqualTo(new[] { first, second }));
    }

    [Test]
    public async Task A_decision_about_a_referral_that_is_not_there_sees_none()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();

        var seen = await ledger.Referrals.DecideAsync(new DecisionScope.One(New("1").Id), rows => Decision<int>.Only(rows.Length), None);

        Assert.That(seen, Is.Zero);
    }

    [Test]
    public async Task A_decision_that_fails_writes_nothing()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();

        var duplicate = new Decision<bool>(true, [new(New("1"), []), new(New("1"), [])], []);
        Assert.That(() => ledger.Referrals.DecideAsync(new DecisionScope.Order("main", "1"), _ => duplicate, None), Throws.Exception);

        Assert.That(await ledger.Referrals.FindAsync(New("1").Id, None), Is.Null);
    }

    [Test]
    public async Task A_decision_breaks_a_lease_when_its_row_says_so()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var begun = await BegunAsync(ledger.Referrals, "1");

        await ledger.Referrals.DecideAsync(new DecisionScope.One(begun.Id), rows => new Decision<bool>(true, [],
            [Step(rows.Single(), "cancelled", r => r with { State = ReferralState.Cancelled, Fence = r.Fence + 1, LeaseUntil = null, Working = false, DueAt = null })]), None);

        Assert.That(await ledger.Referrals.AdvanceAsync(begun, r => Step(r, "gathered"), null, None), Is.Null);
    }

    [Test]
    public async Task A_command_repeated_gets_the_first_answer_and_does_nothing_again()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var referral = await CreateAsync(ledger.Referrals, New("1"));
        var command = new CommandKey("c-1", "body");
        Decision<string> Retry(ImmutableArray<Referral> rows) => new($"answer {rows.Single().Sequence}", [], [Step(rows.Single(), "retried")]);

        var first = await ledger.Referrals.DecideCommandAsync(command, new DecisionScope.One(referral.Id), Retry, None);
        var second = await ledger.Referrals.DecideCommandAsync(command, new DecisionScope.One(referral.Id), Retry, None);

        Assert.Multiple(() =>
        {
            Assert.That(first, Is.EqualTo(new CommandReceipt.Answered("answer 1", FirstTime: true)));
            Assert.That(second, Is.EqualTo(new CommandReceipt.Answered("answer 1", FirstTime: false)));
        });
        Assert.That((await ledger.Referrals.FindAsync(referral.Id, None))!.Sequence, Is.EqualTo(2));
    }

    [Test]
    public async Task A_command_id_with_another_body_is_refused_even_at_the_same_time()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();

        var receipts = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => ledger.Referrals.DecideCommandAsync(
            new("c-1", $"body {i}"), new DecisionScope.Order("main", $"{i}"), _ => Decision<string>.Only($"{i}"), None))));

        Assert.Multiple(() =>
        {
            Assert.That(receipts.OfType<CommandReceipt.Answered>().Count(), Is.EqualTo(1));
            Assert.That(receipts.OfType<CommandReceipt.IdReused>().Count(), Is.EqualTo(7));
        });
    }

    [Test]
    public async Task Command_ids_are_forgotten_after_their_time()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await ledger.Referrals.DecideCommandAsync(new("c-1", "body"), new DecisionScope.Order("main", "1"), _ => Decision<string>.Only("first"), None);

        await ledger.Referrals.PurgeCommandsAsync(Start.AddSeconds(1), 10, None);

        var again = await ledger.Referrals.DecideCommandAsync(new("c-1", "body"), new DecisionScope.Order("main", "1"), _ => Decision<string>.Only("second"), None);
        Assert.That(again, Is.EqualTo(new CommandReceipt.Answered("second", FirstTime: true)));
    }
}
