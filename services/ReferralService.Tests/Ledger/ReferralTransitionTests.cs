using ReferralService.Contracts;
using ReferralService.Ledger;
using ReferralService.Ledger.Transitions;

namespace ReferralService.Tests.Ledger;

/// <summary>What each cell of the table does to a row.</summary>
public sealed class ReferralTransitionTests
{
    private static readonly DateTimeOffset Born = new(2026, 11, 23, 8, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Now = Born.AddHours(1);
    private static readonly Uri Ehr = new("http://127.0.0.1:8090/fhir");

    private static Referral Received => ReferralTransitions.Create(Ehr, "main", "123", null, null, Born).After;

    private static Referral Packaged => Received with
    {
        State = ReferralState.Packaged, Recipient = "east", PackageVersion = 1, PackageId = Guid.Parse("00000000-0000-5000-8000-000000000001"), PackageForm = PackageForm.Document,
        PackageDigest = "sha-256:" + new string('a', 64), PackageEntries = 3, OrderVersion = "1", Sequence = 3,
    };

    private static Referral InFlight => Packaged with { State = ReferralState.Delivering, Attempt = 1, OutcomeUnknown = true, Working = true, Fence = 4, DueAt = Born };

    private static Referral HeldFor(string code, bool packaged = false)
        => (packaged ? Packaged : Received) with { State = ReferralState.Held, ErrorCode = code, DueAt = null, Attempt = packaged ? 2 : 0, OutcomeUnknown = code == ReasonCodes.DeliveryUnknown };

    [Test]
    public void A_new_referral_is_received_with_its_first_event_and_due_at_once()
    {
        var created = ReferralTransitions.Create(Ehr, "main", "123", "east", null, Born);

        Assert.Multiple(() =>
        {
            Assert.That(created.After.State, Is.EqualTo(ReferralState.Received));
            Assert.That(created.After.DueAt, Is.EqualTo(Born));
            Assert.That(created.Entries.Select(e => (e.Event, e.Sequence)), Is.EqualTo(new (string, int?)[] { ("received", 1) }));
            Assert.That(created.After.Recipient, Is.EqualTo("east"));
        });
    }

    [Test]
    public void Its_id_depends_on_the_ehrs_address_the_order_and_the_recipient_as_asked_only()
    {
        var id = ReferralId.Create(Ehr, "123", "east");

        Assert.Multiple(() =>
        {
            Assert.That(ReferralId.Create(new Uri("http://127.0.0.1:8090/fhir/"), "123", "east"), Is.EqualTo(id));
            Assert.That(ReferralId.Create(Ehr, "123", null), Is.Not.EqualTo(id));
            Assert.That(ReferralId.Create(Ehr, "124", "east"), Is.Not.EqualTo(id));
            Assert.That(id.Value.Version, Is.EqualTo(5));
        });
    }

    [TestCase(ReasonCodes.RecipientUnknown, false, "gathering", TestName = "Retry of recipient-unknown gathers")]
    [TestCase(ReasonCodes.RecordIncomplete, false, "gathering", TestName = "Retry of record-incomplete gathers")]
    [TestCase(ReasonCodes.AuthRefused, true, "packaged", TestName = "Retry of auth-refused at the recipient resends the package")]
    [TestCase(ReasonCodes.EndpointWrong, true, "packaged", TestName = "Retry of endpoint-wrong resends the package")]
    [TestCase(ReasonCodes.DeliveryUnknown, true, "delivering", TestName = "Retry of delivery-unknown asks the recipient first")]
    [TestCase(ReasonCodes.TooLarge, true, "gathering", TestName = "Retry of too-large builds again")]
    public void Retry_of_a_held_referral_goes_by_its_code(string code, bool packaged, string state)
    {
        var held = HeldFor(code, packaged);

        var verdict = (Verdict.Allowed)ReferralTransitions.Retry(held, null, Now);

        Assert.Multiple(() =>
        {
            Assert.That(verdict.Transition.After.State.Name(), Is.EqualTo(state));
            Assert.That(verdict.Transition.After.DueAt, Is.EqualTo(Now));
            Assert.That(verdict.Transition.After.Attempt, Is.Zero);
            Assert.That(verdict.Transition.After.ErrorCode, Is.Null);
            Assert.That(verdict.Transition.Entries.Single().Event, Is.EqualTo("retried"));
        });
    }

    [Test]
    public void A_partly_stored_package_is_never_sent_whole_again()
    {
        var verdict = ReferralTransitions.Retry(HeldFor(ReasonCodes.PartlyStored, packaged: true), null, Now);

        Assert.That(((Verdict.Refused)verdict).Code, Is.EqualTo(ReasonCodes.PartlyStored));
    }

    [Test]
    public void Retry_may_name_a_recipient_while_there_is_no_package()
    {
        var verdict = (Verdict.Allowed)ReferralTransitions.Retry(HeldFor(ReasonCodes.RecipientUnknown), "west", Now);

        Assert.Multiple(() =>
        {
            Assert.That(verdict.Transition.After.Recipient, Is.EqualTo("west"));
            Assert.That(verdict.Transition.After.RecipientGiven, Is.True);
        });
    }

    [Test]
    public void Retry_never_turns_a_package_to_another_recipient()
    {
        var verdict = ReferralTransitions.Retry(HeldFor(ReasonCodes.EndpointWrong, packaged: true), "west", Now);

        Assert.That(((Verdict.Refused)verdict).Code, Is.EqualTo(ReasonCodes.UseForward));
    }

    [Test]
    public void Retry_while_an_attempt_is_open_is_refused()
        => Assert.That(((Verdict.Refused)ReferralTransitions.Retry(InFlight, null, Now)).Code, Is.EqualTo(ReasonCodes.InFlight));

    [Test]
    public void Retry_of_a_delivered_referral_points_to_forwarding()
        => Assert.That(((Verdict.Refused)ReferralTransitions.Retry(Packaged with { State = ReferralState.Delivered }, null, Now)).Code, Is.EqualTo(ReasonCodes.UseForward));

    [Test]
    public void A_failed_referral_is_retried_with_the_same_package_and_a_new_deadline()
    {
        var failed = Packaged with { State = ReferralState.Failed, ErrorCode = ReasonCodes.Refused, DeliveryDeadline = Born, Attempt = 3 };

        var after = ((Verdict.Allowed)ReferralTransitions.Retry(failed, null, Now)).Transition.After;

        Assert.Multiple(() =>
        {
            Assert.That(after.State, Is.EqualTo(ReferralState.Packaged));
            Assert.That(after.PackageId, Is.EqualTo(failed.PackageId));
            Assert.That(after.DeliveryDeadline, Is.Null);
            Assert.That(after.Attempt, Is.Zero);
        });
    }

    [Test]
    public void Cancel_breaks_the_lease_of_a_step_that_has_sent_nothing()
    {
        var gathering = Received with { State = ReferralState.Gathering, Working = true, Fence = 7, LeaseUntil = Now.AddMinutes(1) };

        var after = ((Verdict.Allowed)ReferralTransitions.Cancel(gathering, Now)).Transition.After;

        Assert.Multiple(() =>
        {
            Assert.That(after.State, Is.EqualTo(ReferralState.Cancelled));
            Assert.That(after.Fence, Is.EqualTo(8));
            Assert.That(after.DueAt, Is.Null);
        });
    }

    [Test]
    public void Cancel_of_an_open_attempt_waits_for_its_outcome()
    {
        var pending = ((Verdict.Allowed)ReferralTransitions.Cancel(InFlight, Now)).Transition.After;

        Assert.Multiple(() =>
        {
            Assert.That(pending.State, Is.EqualTo(ReferralState.Delivering));
            Assert.That(pending.Fence, Is.EqualTo(InFlight.Fence), "the attempt's holder must still be able to write its outcome");
            Assert.That(StepTransitions.Delivered(pending, new Dictionary<string, string>(), Now).After.State, Is.EqualTo(ReferralState.Delivered), "it landed");
            Assert.That(
                StepTransitions.NoEffect(pending, "recipient-unreachable", Now.AddMinutes(1), TimeSpan.FromDays(3), null, Now).After.State,
                Is.EqualTo(ReferralState.Cancelled), "it did not land");
        });
    }

    [Test]
    public void A_revocation_cancels_what_is_not_sent_and_only_it_can_be_taken_back_by_the_order()
    {
        var revoked = ((Verdict.Allowed)ReferralTransitions.Revoke(Packaged, Now)).Transition.After;
        var cancelled = ((Verdict.Allowed)ReferralTransitions.Cancel(Packaged, Now)).Transition.After;

        Assert.Multiple(() =>
        {
            Assert.That(revoked.ErrorCode, Is.EqualTo(ReasonCodes.OrderRevoked));
            Assert.That(ReferralTransitions.Move(revoked, "9", Now).After.State, Is.EqualTo(ReferralState.Gathering));
            Assert.That(ReferralTransitions.Move(cancelled, "9", Now).After.State, Is.EqualTo(ReferralState.Cancelled));
        });
    }

    [Test]
    public void A_newer_order_before_anything_was_sent_makes_the_next_package_version()
    {
        var moved = ReferralTransitions.Move(Packaged, "2", Now).After;
        var facts = new PackagedFacts(moved.PackageVersion + 1, Guid.Empty, PackageForm.Document, "east", "http://x/", new VaultReceipt("sha-256:0", 1, 1), 3, "2");

        Assert.Multiple(() =>
        {
            Assert.That(moved.State, Is.EqualTo(ReferralState.Gathering));
            Assert.That(moved.PackageId, Is.Null);
            Assert.That(StepTransitions.Packaged(moved, facts, Now).After.PackageVersion, Is.EqualTo(2));
        });
    }

    [Test]
    public void The_same_version_again_changes_nothing()
        => Assert.That(ReferralTransitions.Move(Packaged, "1", Now).Entries, Is.Empty);

    [TestCase(ReasonCodes.DeliveryUnknown)]
    [TestCase(ReasonCodes.Poison)]
    [TestCase(ReasonCodes.PartlyStored)]
    public void A_newer_order_does_not_reopen_what_a_person_must_settle(string code)
        => Assert.That(ReferralTransitions.Move(HeldFor(code, packaged: true), "2", Now).After.State, Is.EqualTo(ReferralState.Held));

    [Test]
    public void A_newer_order_during_an_attempt_is_applied_only_if_it_did_not_land()
    {
        var noted = ReferralTransitions.Move(InFlight, "2", Now).After;

        Assert.Multiple(() =>
        {
            Assert.That(noted.State, Is.EqualTo(ReferralState.Delivering));
            Assert.That(StepTransitions.Delivered(noted, new Dictionary<string, string>(), Now).After.State, Is.EqualTo(ReferralState.Delivered));
            Assert.That(StepTransitions.NotLanded(noted, Now)!.After.State, Is.EqualTo(ReferralState.Gathering));
        });
    }

    [Test]
    public void A_newer_order_on_a_delivered_referral_is_noted_once_and_nothing_is_resent()
    {
        var delivered = Packaged with { State = ReferralState.Delivered };

        var noted = ReferralTransitions.Move(delivered, "2", Now);

        Assert.Multiple(() =>
        {
            Assert.That(noted.After.State, Is.EqualTo(ReferralState.Delivered));
            Assert.That(noted.Entries.Single().Sequence, Is.Null);
            Assert.That(ReferralTransitions.Move(noted.After, "2", Now).Entries, Is.Empty);
        });
    }

    [Test]
    public void Gathered_and_packaged_are_written_together_in_this_order()
    {
        var gathering = Received with { State = ReferralState.Gathering };
        var facts = new PackagedFacts(1, Guid.Empty, PackageForm.Document, "east", "http://x/", new VaultReceipt("sha-256:0", 1, 1), 3, "1");

        var entries = StepTransitions.Packaged(gathering, facts, Now).Entries;

        Assert.That(entries.Select(e => (e.Event, e.Sequence, e.State)), Is.EqualTo(new (string, int?, ReferralState)[]
        {
            ("gathered", 2, ReferralState.Gathering), ("packaged", 3, ReferralState.Packaged),
        }));
    }

    [Test]
    public void At_its_deadline_a_delivery_with_a_definite_outcome_fails_and_an_unknown_one_is_held()
    {
        var late = InFlight with { DeliveryDeadline = Now };

        Assert.Multiple(() =>
        {
            Assert.That(StepTransitions.NoEffect(late, "x", Now, TimeSpan.FromDays(3), null, Now).After, Has.Property("State").EqualTo(ReferralState.Failed).And.Property("ErrorCode").EqualTo(ReasonCodes.DeadlinePassed));
            Assert.That(StepTransitions.OutcomeUnknown(late, "x", Now, TimeSpan.FromDays(3), null, Now).After, Has.Property("State").EqualTo(ReferralState.Held).And.Property("ErrorCode").EqualTo(ReasonCodes.DeliveryUnknown));
        });
    }

    [Test]
    public void From_the_first_byte_on_the_outcome_is_unknown()
    {
        var begun = StepTransitions.AttemptBegun(Packaged, TimeSpan.FromDays(3), Now).After;

        Assert.Multiple(() =>
        {
            Assert.That(begun.OutcomeUnknown, Is.True);
            Assert.That(begun.Attempt, Is.EqualTo(1));
            Assert.That(begun.DeliveryDeadline, Is.EqualTo(Now.AddDays(3)));
        });
    }
}
