using ReferralService.Ledger;
using static ReferralService.Tests.Ledger.LedgerSample;

namespace ReferralService.Tests.Ledger;

/// <summary>The accounting of disclosures in the tables: what is found, in which order, what is counted, what goes.</summary>
internal sealed class DisclosureBookTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly DisclosureQuery All = new(10);

    [Test]
    public async Task The_newest_delivery_comes_first_and_pages_go_on_behind_the_last()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var book = new DisclosureBook(ledger.Database);
        foreach (var (order, minutes) in new[] { ("late", 30), ("early", 10), ("middle", 20), ("also-middle", 20) }) await DeliveredAsync(ledger.Referrals, book, order, "a", minutes);

        var first = await book.PageAsync(All with { Limit = 2 }, None);
        var second = await book.PageAsync(All with { Limit = 2, Before = first.Next }, None);

        Assert.Multiple(() =>
        {
            Assert.That(Orders(first).Concat(Orders(second)), Is.EqualTo(new[] { "late", "also-middle", "middle", "early" }));
            Assert.That((first.Next is null, second.Next is null), Is.EqualTo((false, true)));
            Assert.That((first.Sealed, first.Damaged), Is.EqualTo((0, 0)));
        });
    }

    [Test]
    public async Task One_is_found_by_patient_by_time_and_by_package_and_not_before_it_was_delivered()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var book = new DisclosureBook(ledger.Database);
        var package = await DeliveredAsync(ledger.Referrals, book, "1", "a", 10);
        await DeliveredAsync(ledger.Referrals, book, "2", "b", 20);
        var waiting = await KeptAsync(ledger.Referrals, book, "3", "a");

        Assert.That(Orders(await book.PageAsync(All with { Patients = [Patient("a"), Patient("nobody")] }, None)), Is.EqualTo(new[] { "1" }));
        Assert.That(Orders(await book.PageAsync(All with { From = Start.AddMinutes(11) }, None)), Is.EqualTo(new[] { "2" }));
        Assert.That(Orders(await book.PageAsync(All with { Until = Start.AddMinutes(20) }, None)), Is.EqualTo(new[] { "1" }));
        Assert.That((await book.FindAsync(package, None))?.DeliveredAt, Is.EqualTo(Start.AddMinutes(10)));
        Assert.That(await book.FindAsync(waiting.PackageId!.Value, None), Is.Null);
    }

    [Test]
    public async Task Under_a_key_they_are_found_with_it_and_counted_without_it_and_rewritten_under_another()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        (string, byte[]) one = ("k1", [.. Enumerable.Repeat((byte)1, 32)]), two = ("k2", [.. Enumerable.Repeat((byte)2, 32)]);
        await DeliveredAsync(ledger.Referrals, new DisclosureBook(ledger.Database, new VaultKeys([one])), "1", "a", 10);
        var without = await new DisclosureBook(ledger.Database).PageAsync(All with { Patients = [Patient("a")] }, None);

        var rotated = new DisclosureBook(ledger.Database, new VaultKeys([two, one]));
        int rewritten = await rotated.ResealAsync(None), again = await rotated.ResealAsync(None);
        var withNew = await new DisclosureBook(ledger.Database, new VaultKeys([two])).PageAsync(All with { Patients = [Patient("a")] }, None);

        Assert.That((without.Items.Count, without.Sealed), Is.EqualTo((0, 1)));
        Assert.That((rewritten, again), Is.EqualTo((1, 0)));
        Assert.That((Orders(withNew).Single(), withNew.Sealed), Is.EqualTo(("1", 0)));
    }

    [Test]
    public async Task What_is_past_its_time_goes_and_what_was_never_delivered_with_its_package()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var book = new DisclosureBook(ledger.Database);
        await DeliveredAsync(ledger.Referrals, book, "old", "a", 10);
        await DeliveredAsync(ledger.Referrals, book, "young", "a", 20);
        await KeptAsync(ledger.Referrals, book, "never", "a");

        int purged = await book.PurgeAsync(Start.AddMinutes(15), None), again = await book.PurgeAsync(Start.AddMinutes(15), None);

        Assert.That((purged, again), Is.EqualTo((2, 0)));
        Assert.That(Orders(await book.PageAsync(All, None)), Is.EqualTo(new[] { "young" }));
    }

    [Test]
    public async Task A_delivery_without_an_account_is_counted_where_it_falls_within_the_time_asked_for()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var book = new DisclosureBook(ledger.Database);
        await DeliveredAsync(ledger.Referrals, book, "accounted", "a", 10);
        await EndAsync(ledger.Referrals, await PackagedAsync(ledger.Referrals, "former"), 20);

        Assert.That(await book.UnaccountedAsync(All, Start, None), Is.EqualTo(new UnaccountedDeliveries(1, Start.AddMinutes(20))));
        Assert.That(await book.UnaccountedAsync(All with { Until = Start.AddMinutes(20) }, Start, None), Is.EqualTo(new UnaccountedDeliveries(0, null)));
        Assert.That(await book.UnaccountedAsync(All, Start.AddMinutes(21), None), Is.EqualTo(new UnaccountedDeliveries(0, null)));
    }

    private static IEnumerable<string> Orders(DisclosurePage page) => page.Items.Select(d => d.Facts.Order.Split('/')[^1]);

    private static string Patient(string id) => $"{EhrBase}/Patient/{id}";

    private static async Task<Guid> DeliveredAsync(ReferralBook referrals, DisclosureBook book, string order, string patient, int minutes)
    {
        var packaged = await KeptAsync(referrals, book, order, patient);
        await EndAsync(referrals, packaged, minutes);
        return packaged.PackageId!.Value;
    }

    private static async Task<Referral> KeptAsync(ReferralBook referrals, DisclosureBook book, string order, string patient)
    {
        var packaged = await PackagedAsync(referrals, order);
        await book.KeepAsync(
            new DisclosureFacts(
                packaged.PackageId!.Value, packaged.Id.Value, "main", EhrBase.OriginalString, Patient(patient), $"{EhrBase}/ServiceRequest/{order}", null, "urology-east", "https://uro.example/fhir", "document",
                "sha-256:0", 3, "TREAT", [], [], false),
            None);
        return packaged;
    }

    private static async Task<Referral> PackagedAsync(ReferralBook referrals, string order)
        => await CreateAsync(referrals, New(order) with { PackageId = Guid.CreateVersion7(Start), State = ReferralState.Packaged });

    private static async Task EndAsync(ReferralBook referrals, Referral packaged, int minutes)
        => await referrals.DecideAsync(
            new DecisionScope.One(packaged.Id),
            _ =>
            {
                var step = Step(packaged, "delivered", r => r with { State = ReferralState.Delivered });
                return new Decision<bool>(true, [], [step with { Entries = [step.Entries[0] with { At = Start.AddMinutes(minutes) }] }]);
            },
            None);
}
