using ReferralService.Flow;

namespace ReferralService.Tests.Flow;

internal sealed class SaidCountsTests
{
    [Test]
    public void Only_a_count_that_changed_is_said_and_none_never()
    {
        var said = new SaidCounts();

        Assert.That(new[] { 0, 2, 2, 3, 2, 0, 0, 2 }.Select(count => said.IsNews("main", count)), Is.EqualTo(new[] { false, true, false, true, true, false, false, true }));
    }

    [Test]
    public void What_was_said_of_one_is_news_of_another()
    {
        var said = new SaidCounts();

        Assert.That((said.IsNews("main", 2), said.IsNews("other", 2), said.IsNews("main", 2)), Is.EqualTo((true, true, false)));
    }
}
