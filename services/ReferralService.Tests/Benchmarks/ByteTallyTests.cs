using System.Text;
using ReferralService.Benchmarks.Walk;

namespace ReferralService.Tests.Benchmarks;

/// <summary>What the figure of fidelity would notice.</summary>
public sealed class ByteTallyTests
{
    private const string Source = """{ "id": "a", "value": 1.50, "subject": { "reference": "Patient/1" }, "note": "ü\u00fc" }""";

    [Test]
    public void The_same_bytes_are_unchanged() => Assert.That(Changed(Source), Is.Zero);

    [Test]
    public void A_rewritten_reference_is_not_a_change()
    {
        var tally = Of(Source.Replace("Patient/1", "urn:uuid:0197", StringComparison.Ordinal));

        Assert.That((tally.Changed, tally.Rewritten, tally.Outside), Is.EqualTo((0L, 1, (long)Encoding.UTF8.GetByteCount(Source) - "\"Patient/1\"".Length)));
    }

    [TestCase("1.50", "1.5")]
    [TestCase("\\u00fc", "ü")]
    [TestCase("\"id\": \"a\"", "\"id\":\"a\"")]
    [TestCase("\"subject\": { \"reference\": \"Patient/1\" }", "\"subject\": { }")]
    public void Anything_else_is_one(string was, string became) => Assert.That(Changed(Source.Replace(was, became, StringComparison.Ordinal)), Is.Positive);

    private static long Changed(string sent) => Of(sent).Changed;

    private static ByteTally Of(string sent)
    {
        var tally = new ByteTally();
        tally.Add(Encoding.UTF8.GetBytes(Source), Encoding.UTF8.GetBytes(sent));
        return tally;
    }
}
