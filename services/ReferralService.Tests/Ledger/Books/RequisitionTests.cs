using ReferralService.Ledger;
using static ReferralService.Tests.Ledger.LedgerSample;

namespace ReferralService.Tests.Ledger;

/// <summary>An order is found by its requisition, whatever key is the present one.</summary>
internal sealed class RequisitionTests
{
    private const string Requisition = " Req-4711 ";
    private static readonly CancellationToken None = CancellationToken.None;

    [TestCase("REQ-4711")]
    [TestCase(" req-4711 ")]
    [TestCase("https://lab.example.org/requisitions|REQ-4711")]
    public async Task It_is_found_by_the_value_with_or_without_system(string text)
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var referral = await BegunAsync(ledger.Referrals, "1");
        await Book(ledger.Database, "k1").KeepAsync(referral, Requisition, None);

        Assert.That(await FoundAsync(ledger.Referrals, Book(ledger.Database, "k1"), text), Is.EqualTo(new[] { referral.Id }));
    }

    [Test]
    public async Task It_is_found_after_the_key_changed_and_after_the_old_one_is_gone()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var referral = await BegunAsync(ledger.Referrals, "1");
        await Book(ledger.Database, "k1").KeepAsync(referral, Requisition, None);

        var before = await FoundAsync(ledger.Referrals, Book(ledger.Database, "k2", "k1"), "REQ-4711");
        var resealed = await Book(ledger.Database, "k2", "k1").ResealAsync(None);
        var after = await FoundAsync(ledger.Referrals, Book(ledger.Database, "k2"), "REQ-4711");

        Assert.Multiple(() =>
        {
            Assert.That(before, Is.EqualTo(new[] { referral.Id }));
            Assert.That(resealed, Is.EqualTo(1));
            Assert.That(after, Is.EqualTo(new[] { referral.Id }));
        });
    }

    [Test]
    public async Task What_was_kept_in_clear_is_found_with_a_key_alone_once_there_is_one()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var referral = await BegunAsync(ledger.Referrals, "1");
        await Book(ledger.Database).KeepAsync(referral, Requisition, None);

        await Book(ledger.Database, "k1").ResealAsync(None);

        Assert.Multiple(async () =>
        {
            Assert.That(await FoundAsync(ledger.Referrals, Book(ledger.Database, "k1"), "REQ-4711"), Is.EqualTo(new[] { referral.Id }));
            Assert.That(await FoundAsync(ledger.Referrals, Book(ledger.Database), "REQ-4711"), Is.Empty);
        });
    }

    [Test]
    public async Task An_order_whose_requisition_changed_is_found_by_the_new_one_alone()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var referral = await BegunAsync(ledger.Referrals, "1");
        var book = Book(ledger.Database, "k1");
        await book.KeepAsync(referral, Requisition, None);

        await book.KeepAsync(referral, "REQ-4712", None);

        Assert.Multiple(async () =>
        {
            Assert.That(await FoundAsync(ledger.Referrals, book, "REQ-4711"), Is.Empty);
            Assert.That(await FoundAsync(ledger.Referrals, book, "REQ-4712"), Is.EqualTo(new[] { referral.Id }));
        });
    }

    private static RequisitionBook Book(LedgerDatabase database, params string[] keys)
        => new(database, keys.Length == 0 ? null : new VaultKeys([.. keys.Select(key => (key, Enumerable.Repeat((byte)key[1], 32).ToArray()))]));

    private static async Task<ReferralId[]> FoundAsync(ReferralBook referrals, RequisitionBook book, string text)
        => [.. (await referrals.ListAsync(new ReferralQuery { Search = new ReferralSearch { Requisition = book.Tokens(text) } }, None)).Select(row => row.Id)];
}
