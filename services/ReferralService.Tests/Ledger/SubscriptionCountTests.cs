using ReferralService.Ledger;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Ledger;

/// <summary>What the numbers of a topic subscription's events tell of lost hooks.</summary>
internal sealed class SubscriptionCountTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 10, 0, 0, TimeSpan.Zero);

    [Fault("N05")]
    [TestCase("1 2 3", 3, 3, false, Description = "in order")]
    [TestCase("1 3", 1, 3, true, Description = "2 is missing")]
    [TestCase("3 2 1", 1, 3, true, Description = "overtaken: what came ahead is asked for again rather than remembered")]
    [TestCase("1 1 1 2 2", 2, 2, false, Description = "doubled")]
    [TestCase("1+2+3", 3, 3, false, Description = "several in one")]
    [TestCase("1+3+4", 1, 4, true, Description = "several in one, with a hole")]
    public void Numbers_without_holes_are_counted_and_a_hole_is_a_gap(string hooks, long seen, long told, bool gap)
    {
        var count = new SubscriptionCount(0, 0, null, null);
        foreach (var hook in hooks.Split(' ')) count = count.Hear(Event(0, [.. hook.Split('+').Select(long.Parse)]), Now).Now;

        Assert.That((count.Seen, count.Told, count.GapAt is not null), Is.EqualTo(((long?)seen, (long?)told, gap)));
    }

    [Test, Fault("N05")]
    public void A_heartbeat_that_knows_of_more_events_than_came_shows_the_gap()
    {
        var (count, _) = new SubscriptionCount(4, 4, Now, null).Hear(new SubscriptionNews("s", "active", [], 6, Now.AddSeconds(1)), Now.AddSeconds(2));

        Assert.That((count.Seen, count.Told, count.GapAt), Is.EqualTo(((long?)4, (long?)6, (DateTimeOffset?)Now.AddSeconds(2))));
    }

    [Test, Fault("N05")]
    public void A_lower_number_told_later_means_that_the_count_began_again()
    {
        var (count, beganAgain) = new SubscriptionCount(40, 40, Now, null).Hear(Event(1, 2), Now);

        Assert.That((count.Seen, count.Told, beganAgain), Is.EqualTo(((long?)2, (long?)2, true)));
    }

    [Test, Fault("N02")]
    public void A_lower_number_told_earlier_is_an_old_hook_that_comes_late()
    {
        var before = new SubscriptionCount(40, 40, Now, null);

        Assert.That(before.Hear(Event(-1, 39), Now), Is.EqualTo((before, false)));
    }

    [Test, Fault("N05")]
    public void Hooks_of_the_count_before_that_come_after_it_began_again_make_no_gap()
    {
        var again = new SubscriptionCount(40, 42, Now, Now).Hear(Event(10, 2), Now.AddSeconds(10));

        var late = again.Now;
        foreach (var old in new[] { Event(-5, 41), Event(5, 43), Event(-5, 39) }) late = late.Hear(old, Now.AddSeconds(11)).Now;
        var (on, beganOnceMore) = late.Hear(Event(11, 3), Now.AddSeconds(12));

        Assert.That((again.BeganAgain, late.Seen, late.Told, late.GapAt), Is.EqualTo((true, (long?)2, (long?)2, (DateTimeOffset?)null)));
        Assert.That((on.Seen, on.Told, on.GapAt, beganOnceMore), Is.EqualTo(((long?)3, (long?)3, (DateTimeOffset?)null, false)));
    }

    [Test, Fault("N05")]
    public void The_first_hook_of_the_count_that_began_again_may_come_behind_its_second()
    {
        var again = new SubscriptionCount(40, 40, Now, null).Hear(Event(11, 2), Now.AddSeconds(11)).Now;

        var (count, beganOnceMore) = again.Hear(Event(10, 1), Now.AddSeconds(12));

        Assert.That((count.Seen, count.Told, count.GapAt, beganOnceMore), Is.EqualTo(((long?)2, (long?)2, (DateTimeOffset?)null, false)));
    }

    [Test, Fault("N05")]
    public void A_hook_that_is_lost_after_the_count_began_again_is_a_gap_like_any_other()
    {
        var again = new SubscriptionCount(40, 40, Now, null).Hear(Event(10, 1), Now.AddSeconds(10)).Now;

        Assert.That(again.Hear(Event(12, 3), Now.AddSeconds(12)).Now.GapAt, Is.EqualTo(Now.AddSeconds(12)));
    }

    [Test]
    public void A_gap_that_is_closing_by_itself_is_not_yet_one_to_ask_for()
    {
        var count = new SubscriptionCount(4, 7, Now, Now);

        Assert.That(count.Hear(Event(0, 5), Now.AddSeconds(20)).Now.GapAt, Is.EqualTo(Now.AddSeconds(20)));
        Assert.That(count.Hear(Event(0, 8), Now.AddSeconds(20)).Now.GapAt, Is.EqualTo(Now), "nothing that was missing came");
    }

    [Test]
    public void Of_a_subscription_that_was_found_the_first_number_is_where_counting_begins()
    {
        var (count, beganAgain) = default(SubscriptionCount).Hear(Event(0, 17), Now);

        Assert.That((count.Seen, count.GapAt, beganAgain), Is.EqualTo(((long?)17, (DateTimeOffset?)null, false)));
    }

    private static SubscriptionNews Event(int atSeconds, params long[] numbers) => new("s", "active", [.. numbers], null, Now.AddSeconds(atSeconds));
}
