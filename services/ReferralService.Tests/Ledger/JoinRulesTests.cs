using System.Collections.Immutable;
using ReferralService.Contracts;
using ReferralService.Ledger;
using ReferralService.Ledger.Transitions;

namespace ReferralService.Tests.Ledger;

/// <summary>What one referral is (docs/interfaces.md): what each intake joins or creates.</summary>
public sealed class JoinRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 8, 0, 0, TimeSpan.Zero);
    private static readonly Uri Ehr = new("http://127.0.0.1:8090/fhir");

    private static Referral For(string? recipient, long number = 1) => ReferralTransitions.Create(Ehr, "main", "1", recipient, null, Now).After with { Number = number };

    private static Decision<Referral> Submit(ImmutableArray<Referral> existing, string? recipient) => JoinRules.Submit(existing, Ehr, "main", "1", recipient, null, Now);

    [Test]
    public void The_first_submit_creates()
        => Assert.That(Submit([], "east").Created.Single().After.Recipient, Is.EqualTo("east"));

    [Test]
    public void The_same_submit_again_is_the_same_referral()
    {
        var east = For("east");

        var again = Submit([east], "east");

        Assert.That((again.Answer.Id, again.Created.Length, again.Changed.Length), Is.EqualTo((east.Id, 0, 0)));
    }

    [Test]
    public void Another_recipient_is_a_second_referral()
    {
        var second = Submit([For("east")], "west");

        Assert.That(second.Created.Single().After.Id, Is.EqualTo(ReferralId.Create(Ehr, "1", "west")));
    }

    [Test]
    public void A_recipient_is_set_on_the_referral_by_the_order_while_it_has_none()
    {
        var byOrder = For(null);

        var set = Submit([byOrder], "west");

        Assert.That((set.Created.Length, set.Changed.Single().After.Id, set.Changed.Single().After.Recipient), Is.EqualTo((0, byOrder.Id, "west")));
    }

    [Test]
    public void A_referral_held_for_want_of_a_recipient_goes_on_when_a_submit_names_one()
    {
        var held = For(null) with { State = ReferralState.Held, ErrorCode = ReasonCodes.RecipientUnknown, DueAt = null };

        var set = Submit([held], "west").Changed.Single().After;

        Assert.That((set.State, set.Recipient, set.DueAt), Is.EqualTo((ReferralState.Gathering, "west", (DateTimeOffset?)Now)));
    }

    [Test]
    public void A_packaged_referral_by_the_order_is_not_turned_to_another_recipient()
    {
        var packaged = For(null) with { Recipient = "east", State = ReferralState.Packaged, PackageId = Guid.Empty };

        Assert.That(Submit([packaged], "west").Created, Has.Length.EqualTo(1));
    }

    [Test]
    public void A_submit_without_recipient_joins_what_there_is()
        => Assert.That(Submit([For("west", 2), For("east", 1)], null).Answer.RecipientAsked, Is.EqualTo("east"));

    [Test]
    public void A_notification_creates_only_when_there_is_none()
    {
        Assert.Multiple(() =>
        {
            Assert.That(JoinRules.Notice([], Ehr, "main", "1", "1", null, Now).Created, Has.Length.EqualTo(1));
            Assert.That(JoinRules.Notice([For("east")], Ehr, "main", "1", "1", null, Now).Created, Is.Empty);
        });
    }

    [Test]
    public void A_revocation_reaches_every_referral_of_the_order()
        => Assert.That(JoinRules.Revoked([For("east", 1), For("west", 2)], Now).Changed.Select(t => t.After.State), Is.All.EqualTo(ReferralState.Cancelled));

    [Test]
    public void Retry_with_a_recipient_that_another_referral_has_is_refused()
    {
        var held = For(null, 2) with { State = ReferralState.Held, ErrorCode = ReasonCodes.RecipientUnknown };

        var verdict = JoinRules.Retry([For("east"), held], held.Id, "east", Now);

        Assert.That(((Verdict.Refused)verdict).Code, Is.EqualTo(ReasonCodes.RecipientTaken));
    }

    [Test]
    public void A_performer_that_another_referral_of_the_order_goes_to_is_not_settled_twice()
    {
        var byOrder = For(null, 2) with { Fence = 3 };

        Assert.Multiple(() =>
        {
            Assert.That(JoinRules.Settle([For("east"), byOrder], byOrder.Id, 3, "east", Now).Answer, Is.EqualTo(ReasonCodes.RecipientTaken));
            Assert.That(JoinRules.Settle([For("east"), byOrder], byOrder.Id, 3, "west", Now).Answer, Is.Null);
            Assert.That(JoinRules.Settle([For("east"), byOrder], byOrder.Id, 2, "west", Now).Answer, Is.EqualTo(ReasonCodes.LeaseLost));
        });
    }

    [Test]
    public void A_recipient_that_a_person_named_while_the_performer_was_looked_for_stays()
    {
        var named = Submit([For(null) with { State = ReferralState.Gathering, Working = true, Fence = 3 }], "west").Changed.Single().After;

        var settled = JoinRules.Settle([named], named.Id, 3, "east", Now);

        Assert.That((settled.Answer, settled.Changed.Length), Is.EqualTo((ReasonCodes.LeaseLost, 0)));
    }

    [Test]
    public void A_referral_hears_of_a_newer_order_that_no_longer_matches_the_criteria_and_none_is_created_for_it()
    {
        var held = For(null) with { State = ReferralState.Held, ErrorCode = ReasonCodes.RecipientUnknown, OrderVersion = "1", DueAt = null };

        Assert.Multiple(() =>
        {
            Assert.That(JoinRules.NoticeUnmatched([held], "2", Now).Changed.Single().After.State, Is.EqualTo(ReferralState.Gathering));
            Assert.That(JoinRules.NoticeUnmatched([], "2", Now), Has.Property("Answer").False.And.Property("Created").Empty);
        });
    }
}
