using ReferralService.Ledger;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Ledger;

/// <summary>What is bound to a statement is what is read back.</summary>
internal sealed class SqliteValueTests
{
    private const string Echo = "SELECT @text, typeof(@text), @other";

    [TestCase("")]
    [TestCase("plain")]
    [TestCase("ü\u0000 \U0001F600")]
    public async Task A_text_comes_back_as_it_was_bound(string text)
    {
        await using var ledger = await TemporaryLedger.OpenAsync();

        var read = await EchoAsync(ledger, new Values().Add("text", text).Add("other", "x"));

        Assert.That(read, Is.EqualTo((text, "text", "x")));
    }

    [Test]
    public async Task Bytes_of_no_length_are_not_null()
    {
        await using var ledger = await TemporaryLedger.OpenAsync();

        var type = await ledger.Database.WriteAsync(
            session => session.ReadRowsAsync("SELECT typeof(@bytes)", new Values().Add("bytes", new ArraySegment<byte>([])), row => row.GetString(0), CancellationToken.None), CancellationToken.None);

        Assert.That(type, Is.EqualTo(new[] { "blob" }));
    }

    [Test]
    public async Task Values_in_another_order_are_not_taken_for_one_another()
    {
        await using var ledger = await TemporaryLedger.OpenAsync();
        await EchoAsync(ledger, new Values().Add("text", "a").Add("other", "b"));

        Assert.That(() => EchoAsync(ledger, new Values().Add("other", "b").Add("text", "a")), Throws.InvalidOperationException.With.Message.EqualTo("ledger-value-order"));
        Assert.That(() => EchoAsync(ledger, new Values().Add("text", "a")), Throws.InvalidOperationException.With.Message.EqualTo("ledger-value-order"));
    }

    private static async Task<(string? Text, string Type, string Other)> EchoAsync(TemporaryLedger ledger, Values values)
        => (await ledger.Database.WriteAsync(
            session => session.ReadRowsAsync(Echo, values, row => (row.TextOrNull(0), row.GetString(1), row.GetString(2)), CancellationToken.None), CancellationToken.None)).Single();
}
