using ReferralService.Benchmarks;

namespace ReferralService.Tests.Benchmarks;

public sealed class ChoicesTests
{
    [TestCase("--rounds abc", "--rounds abc")]
    [TestCase("--rounds 0", "--rounds 0")]
    [TestCase("--rounds 99999999999", "--rounds 99999999999")]
    [TestCase("--in-flight 1,x", "--in-flight 1,x")]
    [TestCase("--in-flight 0", "--in-flight 0")]
    [TestCase("--ledger 7", "Sqlite, PostgreSql")]
    [TestCase("--bus", "--bus needs a value")]
    [TestCase("--replicas 2", "--ledger PostgreSql")]
    [TestCase("queueing --write /nowhere/page.md", "/nowhere/page.md")]
    [TestCase("--help", "--help")]
    [TestCase("walks", "walks")]
    public void What_cannot_be_understood_is_named_before_anything_is_measured(string line, string named)
        => Assert.That(() => Choices.Read(line.Split(' ')), Throws.ArgumentException.With.Message.Contains(named));

    [Test]
    public void What_is_said_is_what_is_measured()
    {
        var choices = Choices.Read(["walk", "--in-flight", "1,16", "--ledger", "postgresql", "--replicas", "2", "--warm", "0"]);

        Assert.That((choices.Names, choices.InFlight, choices.Warm), Is.EqualTo(((string[])["walk"], (int[])[1, 16], TimeSpan.Zero)));
        Assert.That(choices.Setup, Has.Property("Replicas").EqualTo(2));
    }
}
