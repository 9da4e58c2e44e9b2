using ReferralService.Ledger;
using ReferralService.Tests.Support;
using static ReferralService.Tests.Ledger.LedgerSample;

namespace ReferralService.Tests.Ledger;

internal sealed class SweepTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Test]
    public async Task The_first_sweep_begins_where_the_cursor_was_opened_and_a_restart_does_not_move_it()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await ledger.Notices.OpenCursorAsync("main", Start.AddDays(-1), onOurClock: false, None);
        await ledger.Notices.OpenCursorAsync("main", Start, onOurClock: false, None);

        var sweep = await ledger.Notices.ClaimSweepAsync("main", Minute, Lease, None);

        Assert.That(sweep!.Cursor, Is.EqualTo(Start.AddDays(-1)));
    }

    [Test]
    public async Task A_sweep_is_due_again_when_the_interval_is_over()
    {
        var clock = new ManualTimeProvider(Start);
        await using var ledger = await LedgerUnderTest.OpenAsync(clock);
        await ledger.Notices.OpenCursorAsync("main", Start, onOurClock: false, None);
        await ledger.Notices.CompleteSweepAsync((await ledger.Notices.ClaimSweepAsync("main", Minute, Lease, None))!, Start, None);

        clock.Advance(TimeSpan.FromSeconds(59));
        var early = await ledger.Notices.ClaimSweepAsync("main", Minute, Lease, None);
        clock.Advance(TimeSpan.FromSeconds(1));
        var due = await ledger.Notices.ClaimSweepAsync("main", Minute, Lease, None);

        Assert.That((early, due is not null), Is.EqualTo(((ClaimedSweep?)null, true)));
    }

    [Test]
    public async Task With_polling_off_only_a_hook_that_named_nothing_makes_a_sweep_due_and_many_are_one()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await ledger.Notices.OpenCursorAsync("main", Start, onOurClock: false, None);
        var before = await ledger.Notices.ClaimSweepAsync("main", TimeSpan.Zero, Lease, None);
        await ledger.Notices.RecordSweepDueAsync("main", None);
        await ledger.Notices.RecordSweepDueAsync("main", None);

        var asked = await ledger.Notices.ClaimSweepAsync("main", TimeSpan.Zero, Lease, None);
        await ledger.Notices.CompleteSweepAsync(asked!, Start, None);
        var after = await ledger.Notices.ClaimSweepAsync("main", TimeSpan.Zero, Lease, None);

        Assert.That((before, asked is not null, after), Is.EqualTo(((ClaimedSweep?)null, true, (ClaimedSweep?)null)));
    }

    [Test]
    public async Task A_hook_during_a_sweep_makes_another_due()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await ledger.Notices.OpenCursorAsync("main", Start, onOurClock: false, None);
        await ledger.Notices.RecordSweepDueAsync("main", None);
        var sweep = await ledger.Notices.ClaimSweepAsync("main", TimeSpan.Zero, Lease, None);
        await ledger.Notices.RecordSweepDueAsync("main", None);

        await ledger.Notices.CompleteSweepAsync(sweep!, Start, None);

        Assert.That(await ledger.Notices.ClaimSweepAsync("main", TimeSpan.Zero, Lease, None), Is.Not.Null);
    }

    [Test]
    public async Task A_hook_before_the_first_start_is_served_once_the_cursor_is_open()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await ledger.Notices.RecordSweepDueAsync("main", None);
        var before = await ledger.Notices.ClaimSweepAsync("main", TimeSpan.Zero, Lease, None);
        await ledger.Notices.OpenCursorAsync("main", Start, onOurClock: false, None);

        var after = await ledger.Notices.ClaimSweepAsync("main", TimeSpan.Zero, Lease, None);

        Assert.That((before, after?.Cursor), Is.EqualTo(((ClaimedSweep?)null, (DateTimeOffset?)Start)));
    }

    [Test]
    public async Task The_cursor_stays_until_every_page_is_stored()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await ledger.Notices.OpenCursorAsync("main", Start, onOurClock: false, None);
        var died = await ledger.Notices.ClaimSweepAsync("main", Minute, NoLease, None);
        await ledger.Notices.RecordSweepPageAsync(died!, [new("1", "1")], None);

        var next = await ledger.Notices.ClaimSweepAsync("main", Minute, Lease, None);

        Assert.That(next!.Cursor, Is.EqualTo(Start));
    }

    [Test]
    public async Task A_sweep_that_lost_its_lease_does_not_move_the_cursor_and_none_moves_it_back()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await ledger.Notices.OpenCursorAsync("main", Start, onOurClock: false, None);
        var lost = await ledger.Notices.ClaimSweepAsync("main", Minute, NoLease, None);
        var holder = await ledger.Notices.ClaimSweepAsync("main", Minute, Lease, None);

        await ledger.Notices.CompleteSweepAsync(lost!, Start.AddDays(1), None);
        await ledger.Notices.CompleteSweepAsync(holder!, Start.AddDays(-1), None);
        await ledger.Notices.RecordSweepDueAsync("main", None);

        Assert.That((await ledger.Notices.ClaimSweepAsync("main", TimeSpan.Zero, Lease, None))!.Cursor, Is.EqualTo(Start));
    }

    [Test]
    public async Task A_sweep_is_one_replicas_at_a_time()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await ledger.Notices.OpenCursorAsync("main", Start, onOurClock: false, None);

        var claims = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => ledger.Notices.ClaimSweepAsync("main", Minute, Lease, None))));

        Assert.That(claims.OfType<ClaimedSweep>().Count(), Is.EqualTo(1));
    }

    [Test]
    public async Task A_failed_sweep_waits_for_its_time_and_begins_at_the_same_cursor()
    {
        var clock = new ManualTimeProvider(Start);
        await using var ledger = await LedgerUnderTest.OpenAsync(clock);
        await ledger.Notices.OpenCursorAsync("main", Start, onOurClock: false, None);
        await ledger.Notices.DeferSweepAsync((await ledger.Notices.ClaimSweepAsync("main", Minute, Lease, None))!, Start.AddMinutes(5), None);
        await ledger.Notices.RecordSweepDueAsync("main", None);

        clock.Advance(TimeSpan.FromMinutes(2));
        var early = await ledger.Notices.ClaimSweepAsync("main", Minute, Lease, None);
        clock.Advance(TimeSpan.FromMinutes(3));
        var due = await ledger.Notices.ClaimSweepAsync("main", Minute, Lease, None);

        Assert.That((early, due?.Cursor), Is.EqualTo(((ClaimedSweep?)null, (DateTimeOffset?)Start)));
    }

    [Test]
    public async Task A_page_makes_notices_of_versions_not_seen_before()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await ledger.Notices.OpenCursorAsync("main", Start, onOurClock: false, None);
        var sweep = await ledger.Notices.ClaimSweepAsync("main", Minute, Lease, None);
        await ledger.Notices.RecordSweepPageAsync(sweep!, [new("1", "1"), new("2", "1")], None);
        foreach (var notice in await ledger.Notices.ClaimAsync(10, Lease, [], None))
        {
            await ledger.Notices.CloseAsync(notice, "created", null, "1", None);
        }

        await ledger.Notices.RecordSweepPageAsync(sweep!, [new("1", "1"), new("2", "2"), new("3", "1")], None);

        var news = await ledger.Notices.ClaimAsync(10, Lease, [], None);
        Assert.That(news.Select(n => (n.OrderId, n.Version, n.Source)), Is.EquivalentTo(new[] { ("2", "2", NoticeSource.Poll), ("3", "1", NoticeSource.Poll) }));
    }
}
