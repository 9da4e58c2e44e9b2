using ReferralService.Contracts;
using ReferralService.Delivery;
using ReferralService.Flow;
using ReferralService.Ledger;
using ReferralService.Ledger.Transitions;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Flow;

/// <summary>When a delivery comes again for which nothing was tried.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class PutOffTests
{
    private readonly ManualTimeProvider _clock = new();
    private readonly DeliveryOptions _options = new();
    private readonly DeliveryEndings _endings;

    public PutOffTests() => _endings = new DeliveryEndings(_options, new StepTime(_clock, () => 0.5));

    /// <summary>Tried for two days, and put off last for what the recipient did.</summary>
    private Referral Held => ReferralTransitions.Create(new("http://127.0.0.1:8090/fhir"), "main", "123", null, null, _clock.GetUtcNow()).After with
    {
        State = ReferralState.Delivering, Attempt = 12, DeliveryDeadline = _clock.GetUtcNow() + _options.Deadline - TimeSpan.FromDays(2),
        ErrorCode = ReasonCodes.RecipientBusy, WaitsSince = _clock.GetUtcNow() - TimeSpan.FromHours(1), DueAt = _clock.GetUtcNow(),
    };

    [Test]
    public void An_EHRs_first_hiccup_in_a_row_costs_seconds_however_long_the_recipient_was_tried_before()
        => Assert.That(Pause(Held, ReasonCodes.EhrUnreachable, ofRecipient: false), Is.EqualTo(TimeSpan.FromSeconds(2)));

    [Test]
    public void The_pauses_of_one_cause_grow_to_an_hour()
    {
        var held = Held;
        List<TimeSpan> pauses = [];
        for (var i = 0; i < 24; i++)
        {
            pauses.Add(Pause(held, ReasonCodes.EhrUnreachable, ofRecipient: false));
            held = held with { ErrorCode = ReasonCodes.EhrUnreachable, WaitsSince = _clock.GetUtcNow(), DueAt = _clock.GetUtcNow() + pauses[^1] };
            // A process that is away for a day in between is no sign of the EHR's.
            _clock.Advance(pauses[^1] + (i == 4 ? TimeSpan.FromDays(1) : TimeSpan.Zero));
        }

        Assert.That(pauses, Is.Ordered);
        Assert.That((pauses[1], pauses[2], pauses[6] < TimeSpan.FromMinutes(1), pauses[^1]), Is.EqualTo((TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(4.5), true, TimeSpan.FromHours(1))));
    }

    [Test]
    public void A_recipient_that_cannot_be_asked_is_asked_no_sooner_than_after_the_tries_so_far()
        => Assert.That(Pause(Held, ReasonCodes.RecipientUnreachable), Is.EqualTo(TimeSpan.FromHours(1)));

    [TestCase("")]
    [TestCase("https://uro.example.org/fhir/$work/9")]
    public void Work_that_was_taken_is_asked_after_every_ten_minutes_at_least(string statusUrl)
        => Assert.That(Pause(Held with { OutcomeUnknown = true, StatusUrl = statusUrl }, ReasonCodes.RecipientBusy), Is.EqualTo(TimeSpan.FromMinutes(10)));

    [Test]
    public void What_a_partner_asks_for_is_heeded()
        => Assert.That(
            Pause(Held with { OutcomeUnknown = true, StatusUrl = "" }, ReasonCodes.RecipientThrottled, TimeSpan.FromMinutes(30)), Is.EqualTo(TimeSpan.FromMinutes(30)));

    private TimeSpan Pause(Referral held, string code, TimeSpan? retryAfter = null, bool ofRecipient = true)
        => _endings.PutOff(held, code, retryAfter, ofRecipient) - _clock.GetUtcNow();
}
