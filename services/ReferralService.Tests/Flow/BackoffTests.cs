using ReferralService.Flow;

namespace ReferralService.Tests.Flow;

public sealed class BackoffTests
{
    [TestCase(0, 2)]
    [TestCase(1, 6)]
    [TestCase(2, 18)]
    [TestCase(6, 1458)]
    [TestCase(7, 3600)]
    [TestCase(1000, 3600)]
    public void Delays_grow_threefold_up_to_an_hour(int tries, double seconds)
        => Assert.That(Backoff.Delay(tries, jitter: 0.5, retryAfter: null).TotalSeconds, Is.EqualTo(seconds).Within(0.001));

    [TestCase(0, 2)]
    [TestCase(2, 10)]
    [TestCase(1000, 10)]
    public void Delays_grow_to_the_longest_that_is_set(int tries, double seconds)
        => Assert.That(Backoff.Delay(tries, jitter: 0.5, retryAfter: null, longest: TimeSpan.FromSeconds(10)).TotalSeconds, Is.EqualTo(seconds).Within(0.001));

    [Test]
    public void A_partner_may_ask_for_more_than_the_longest_that_is_set()
        => Assert.That(Backoff.Delay(3, 0.5, TimeSpan.FromMinutes(3), TimeSpan.FromSeconds(10)), Is.EqualTo(TimeSpan.FromMinutes(3)));

    [TestCase(0, 0.8)]
    [TestCase(1, 1.2)]
    public void Jitter_moves_a_delay_by_a_fifth(double jitter, double factor)
        => Assert.That(Backoff.Delay(1, jitter, null).TotalSeconds, Is.EqualTo(6 * factor).Within(0.001));

    [Test]
    public void Nothing_is_tried_before_the_partner_asked()
        => Assert.That(Backoff.Delay(0, 0.5, TimeSpan.FromMinutes(3)), Is.EqualTo(TimeSpan.FromMinutes(3)));

    [Test]
    public void An_absurd_wish_is_capped_at_an_hour()
        => Assert.That(Backoff.Delay(0, 0.5, TimeSpan.FromSeconds(1e9)), Is.EqualTo(TimeSpan.FromHours(1)));

    [TestCase(0, 2)]
    [TestCase(4, 2)]
    [TestCase(60, 30)]
    [TestCase(86400, 3600)]
    public void What_is_put_off_again_and_again_is_put_off_for_half_as_long_as_it_has_been(int waited, double seconds)
        => Assert.That(Backoff.Further(TimeSpan.FromSeconds(waited), jitter: 0.5, retryAfter: null).TotalSeconds, Is.EqualTo(seconds).Within(0.001));

    [Test]
    public void What_is_put_off_does_not_come_back_before_the_partner_asked()
        => Assert.That(Backoff.Further(TimeSpan.Zero, 0.5, TimeSpan.FromMinutes(3)), Is.EqualTo(TimeSpan.FromMinutes(3)));

    [TestCase(0, 2)]
    [TestCase(9, 9)]
    public void A_question_under_way_is_looked_after_less_often_the_longer_it_takes(int asked, double seconds)
        => Assert.That(Backoff.UntilAnswered(TimeSpan.FromSeconds(asked), jitter: 0.5).TotalSeconds, Is.EqualTo(seconds).Within(0.001));
}
