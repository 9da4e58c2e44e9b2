using ReferralService.Ledger;
using ReferralService.Tests.Support;
using static ReferralService.Tests.Ledger.LedgerSample;

namespace ReferralService.Tests.Ledger;

internal sealed class NoticeTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Test]
    public async Task Many_hints_about_one_order_are_one_notice()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => ledger.Notices.RecordAsync([Hint("1"), Hint("2")], None))));

        var claimed = await ClaimAsync(ledger.Notices);
        Assert.That(claimed.Select(n => n.OrderId), Is.EquivalentTo(new[] { "1", "2" }));
        Assert.That(claimed.Select(n => n.Tries), Is.All.EqualTo(1));
    }

    [Test]
    public async Task A_notice_at_work_is_nobody_elses()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await ledger.Notices.RecordAsync([.. Enumerable.Range(0, 40).Select(i => Hint($"{i}"))], None);

        var claimed = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => ClaimAsync(ledger.Notices, 5))));

        var orders = claimed.SelectMany(c => c).Select(n => n.OrderId).ToList();
        Assert.That(orders, Is.Unique);
        Assert.That(orders, Has.Count.EqualTo(40));
    }

    [Test]
    public async Task A_hint_that_comes_during_the_work_keeps_the_notice_due()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await ledger.Notices.RecordAsync([Hint("1")], None);
        var working = (await ClaimAsync(ledger.Notices)).Single();
        await ledger.Notices.RecordAsync([Hint("1")], None);

        await ledger.Notices.CloseAsync(working, "created", null, "1", None);

        Assert.That((await ClaimAsync(ledger.Notices)).Single().Generation, Is.EqualTo(working.Generation + 1));
    }

    [Test]
    public async Task A_closed_notice_is_not_due()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await ledger.Notices.RecordAsync([Hint("1")], None);

        await ledger.Notices.CloseAsync((await ClaimAsync(ledger.Notices)).Single(), "ignored", "no-match", "1", None);

        Assert.That(await ClaimAsync(ledger.Notices), Is.Empty);
    }

    [TestCase("1", false)]
    [TestCase("2", true)]
    [TestCase(null, true)]
    public async Task A_hint_after_closing_is_news_unless_it_tells_the_version_looked_into(string? version, bool news)
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await ledger.Notices.RecordAsync([Hint("1", "1")], None);
        await ledger.Notices.CloseAsync((await ClaimAsync(ledger.Notices)).Single(), "created", null, "1", None);

        await ledger.Notices.RecordAsync([Hint("1", version)], None);

        Assert.That(await ClaimAsync(ledger.Notices), Has.Count.EqualTo(news ? 1 : 0));
    }

    [Test]
    public async Task The_version_being_looked_into_told_again_is_no_news()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await ledger.Notices.RecordAsync([Hint("1", "1")], None);
        var working = (await ClaimAsync(ledger.Notices)).Single();
        await ledger.Notices.RecordAsync([Hint("1", "1")], None);

        await ledger.Notices.CloseAsync(working, "created", null, "1", None);

        Assert.That(await ClaimAsync(ledger.Notices), Is.Empty);
    }

    [Test]
    public async Task A_deferred_notice_waits_and_counts_its_tries()
    {
        var clock = new ManualTimeProvider(Start);
        await using var ledger = await LedgerUnderTest.OpenAsync(clock);
        await ledger.Notices.RecordAsync([Hint("1")], None);
        await ledger.Notices.DeferAsync((await ClaimAsync(ledger.Notices)).Single(), Start.AddMinutes(1), "ehr-unreachable", None);

        var before = await ClaimAsync(ledger.Notices);
        clock.Advance(TimeSpan.FromMinutes(1));
        var after = await ClaimAsync(ledger.Notices);

        Assert.That(before, Is.Empty);
        Assert.That(after.Single(), Has.Property(nameof(ClaimedNotice.Tries)).EqualTo(2).And.Property(nameof(ClaimedNotice.FirstSeenAt)).EqualTo(Start));
    }

    [Test]
    public async Task A_newer_hint_is_not_put_off_with_the_older()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await ledger.Notices.RecordAsync([Hint("1", "1")], None);
        var working = (await ClaimAsync(ledger.Notices)).Single();
        await ledger.Notices.RecordAsync([Hint("1", "2")], None);

        await ledger.Notices.DeferAsync(working, Start.AddHours(1), "ehr-unreachable", None);

        Assert.That((await ClaimAsync(ledger.Notices)).Single().Version, Is.EqualTo("2"));
    }

    [Test]
    public async Task A_worker_that_died_leaves_its_notice_to_the_next()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await ledger.Notices.RecordAsync([Hint("1")], None);
        await ledger.Notices.ClaimAsync(10, NoLease, [], None);

        Assert.That(await ClaimAsync(ledger.Notices), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Notices_of_a_full_ehr_wait_and_do_not_hide_the_others()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await ledger.Notices.RecordAsync([.. Enumerable.Range(0, 20).Select(i => Hint($"{i}", ehr: "full")), Hint("x", ehr: "free")], None);

        var claimed = await ledger.Notices.ClaimAsync(5, Lease, ["full"], None);

        Assert.That(claimed.Single().Ehr, Is.EqualTo("free"));
    }

    private static NoticeHint Hint(string order, string? version = null, string ehr = "main") => new(ehr, order, version, NoticeSource.Hook, "00-trace");

    private static Task<IReadOnlyList<ClaimedNotice>> ClaimAsync(NoticeBook notices, int most = 100) => notices.ClaimAsync(most, Lease, [], None);
}
