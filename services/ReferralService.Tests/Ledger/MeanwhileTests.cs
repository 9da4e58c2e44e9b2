using ReferralService.Contracts;
using ReferralService.Ledger;
using ReferralService.Ledger.Transitions;

namespace ReferralService.Tests.Ledger;

/// <summary>What comes in while a step is under way, or while a package may have landed, is neither lost nor a second effect.</summary>
public sealed class MeanwhileTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 9, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Deadline = TimeSpan.FromDays(3);

    private static Referral Gathering => ReferralTransitions.Create(new("http://127.0.0.1:8090/fhir"), "main", "123", null, null, Now).After with
    {
        State = ReferralState.Gathering, Working = true, Fence = 2,
    };

    private static Referral Packaged => Gathering with
    {
        State = ReferralState.Packaged, Working = false, Recipient = "east", PackageVersion = 1, PackageId = Guid.Parse("00000000-0000-5000-8000-000000000001"),
        PackageForm = PackageForm.Document, PackageDigest = "sha-256:" + new string('a', 64), OrderVersion = "1",
    };

    private static PackagedFacts FactsFor(string recipient, string version)
        => new(1, Guid.Empty, PackageForm.Document, recipient, "http://x/", new VaultReceipt("sha-256:0", 1, 1), 3, version);

    [Test]
    public void A_package_for_another_recipient_than_a_person_has_named_meanwhile_is_dropped()
    {
        var named = ((Verdict.Allowed)ReferralTransitions.Retry(Gathering with { Recipient = "east" }, "west", Now)).Transition.After;

        var after = StepTransitions.Packaged(named, FactsFor("east", "1"), Now).After;

        Assert.That((after.State, after.Recipient, after.PackageId, after.DueAt), Is.EqualTo((ReferralState.Gathering, "west", (Guid?)null, (DateTimeOffset?)Now)));
    }

    [Test]
    public void A_gathering_that_would_be_held_begins_again_when_a_person_has_named_a_recipient_meanwhile()
    {
        var named = ((Verdict.Allowed)ReferralTransitions.Retry(Gathering, "west", Now)).Transition.After;

        Assert.That(StepTransitions.GatherHeld(named, null, "1", ReasonCodes.RecipientUnknown, "", Now).After.State, Is.EqualTo(ReferralState.Gathering));
    }

    [Test]
    public void A_gathering_that_would_be_held_begins_again_when_a_newer_order_was_noticed_meanwhile()
    {
        var noticed = ReferralTransitions.Move(Gathering, "2", Now).After;

        Assert.Multiple(() =>
        {
            Assert.That(StepTransitions.GatherHeld(noticed, null, "1", ReasonCodes.RecipientUnknown, "", Now).After.State, Is.EqualTo(ReferralState.Gathering));
            Assert.That(StepTransitions.GatherHeld(noticed, null, "2", ReasonCodes.RecipientUnknown, "", Now).After.State, Is.EqualTo(ReferralState.Held));
        });
    }

    [Test]
    public void Hearing_again_of_the_order_that_a_deferred_gathering_read_does_not_try_sooner()
    {
        var deferred = StepTransitions.GatherDeferred(Gathering with { OrderVersion = "1" }, "ehr-throttled", Now.AddHours(1), Now.AddDays(1), Now).After with { Working = false };

        Assert.Multiple(() =>
        {
            Assert.That(ReferralTransitions.Move(deferred, "1", Now).After.DueAt, Is.EqualTo(Now.AddHours(1)));
            Assert.That(ReferralTransitions.Move(deferred, "2", Now).After.DueAt, Is.EqualTo(Now));
        });
    }

    [Test]
    public void A_deferred_gathering_is_due_at_its_deadline_at_the_latest()
        => Assert.That(StepTransitions.GatherDeferred(Gathering, "x", Now.AddHours(1), Now.AddMinutes(1), Now).After.DueAt, Is.EqualTo(Now.AddMinutes(1)));

    [TestCase(0, TestName = "{m}(at its deadline)")]
    [TestCase(1, TestName = "{m}(before it)")]
    public void A_gathering_that_waits_for_another_than_its_record_counts_no_try(int minutesLeft)
        => Assert.That(StepTransitions.GatherDeferred(Gathering, "recipient-unreachable", Now.AddHours(1), Now.AddMinutes(minutesLeft), Now, isTry: false).After.GatherTries, Is.EqualTo(Gathering.GatherTries));

    [TestCase("recipient-unreachable", "recipient-unreachable")]
    [TestCase("ehr-unreachable", "record-incomplete")]
    public void A_gathering_that_is_overdue_is_held_for_the_partner_that_it_waited_for(string last, string code)
        => Assert.That(StepTransitions.GatherDeferred(Gathering, last, Now, Now, Now).After, Has.Property("State").EqualTo(ReferralState.Held).And.Property("ErrorCode").EqualTo(code));

    [Test]
    public void What_waits_for_a_paused_recipient_to_be_gathered_loses_nothing_of_its_time()
    {
        var waiting = Gathering with { GatherDeadline = Now.AddHours(2) };

        var first = StepTransitions.SetAside(waiting, "recipient:east", Now.AddSeconds(20), Now).After;
        var second = StepTransitions.SetAside(first with { WaitsSince = Now }, "recipient:east", Now.AddSeconds(41), Now.AddSeconds(21)).After;

        Assert.That((first.DueAt, first.GatherDeadline, first.SetAsideFor), Is.EqualTo((Now.AddSeconds(20), Now.AddHours(2), "recipient:east")));
        Assert.That((second.DueAt, second.GatherDeadline), Is.EqualTo((Now.AddSeconds(41), Now.AddHours(2).AddSeconds(21))));
        Assert.That(StepTransitions.SetAside(Gathering, "recipient:east", Now.AddSeconds(20), Now).After.GatherDeadline, Is.Null);
    }

    [Test]
    public void Attempts_are_counted_on_over_a_new_package_version_until_a_retried()
    {
        var twice = Packaged with { State = ReferralState.Delivering, Attempt = 2 };
        var moved = ReferralTransitions.Move(twice, "2", Now);

        Assert.Multiple(() =>
        {
            Assert.That(moved.Entries.Any(e => e.Event == "retried"), Is.False);
            Assert.That(moved.After.Attempt, Is.EqualTo(2));
            Assert.That(StepTransitions.BuildAgain(twice, "form-changed", Now).After.Attempt, Is.EqualTo(2));
            Assert.That(ReferralTransitions.Move(twice with { State = ReferralState.Failed }, "2", Now).After.Attempt, Is.Zero);
        });
    }

    [Test]
    public void While_a_package_may_have_landed_no_other_is_made_whatever_the_referral_is_held_for()
    {
        var held = Packaged with { State = ReferralState.Held, OutcomeUnknown = true, ErrorCode = ReasonCodes.RecipientIncapable, DueAt = null };

        var retried = ((Verdict.Allowed)ReferralTransitions.Retry(held, null, Now)).Transition.After;

        Assert.Multiple(() =>
        {
            Assert.That(ReferralTransitions.Move(held, "2", Now).After.State, Is.EqualTo(ReferralState.Held));
            Assert.That((retried.State, retried.PackageId, retried.OutcomeUnknown), Is.EqualTo((ReferralState.Delivering, held.PackageId, true)));
        });
    }

    [Test]
    public void A_retry_takes_back_a_cancel_that_waited()
    {
        var pending = Packaged with { State = ReferralState.Held, OutcomeUnknown = true, ErrorCode = ReasonCodes.DeliveryUnknown, CancelCause = "operator", DueAt = null };

        var retried = ((Verdict.Allowed)ReferralTransitions.Retry(pending, null, Now)).Transition.After;

        Assert.That(StepTransitions.NoEffect(retried, "recipient-busy", Now.AddMinutes(1), Deadline, null, Now).After.State, Is.EqualTo(ReferralState.Delivering));
    }

    [Test]
    public void A_revocation_of_a_delivered_order_is_noted_once()
    {
        var noted = ((Verdict.Allowed)ReferralTransitions.Revoke(Packaged with { State = ReferralState.Delivered }, Now)).Transition;
        var again = ((Verdict.Allowed)ReferralTransitions.Revoke(noted.After, Now)).Transition;

        Assert.That((noted.Entries.Length, again.Entries.Length), Is.EqualTo((1, 0)));
    }
}
