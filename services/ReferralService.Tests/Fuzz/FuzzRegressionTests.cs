namespace ReferralService.Tests.Fuzz;

/// <summary>Inputs that once broke a reader, as small as they could be made; and that the watch over readers sees what it is there to see.</summary>
public sealed class FuzzRegressionTests
{
    [TestCase("the list's filters and cursor", "c3RhdGU9aGXxbGQm", TestName = "A cursor with a character that is none of Base64's")]
    [TestCase("the settings' reader", "QnVzOlRyYW5zcG9ydD1SYWJiaXRNcQpCdXM6UmFiYml0TXE9YW1xcDovZy92", TestName = "A broker's address with two virtual hosts, password and all in the fault")]
    [TestCase("the settings' reader", "TGVkZ2VyOlByb3ZpZGVyPVBvc3RncmVTcWwKTGVkZ2VyOkNvbm5lY3Rpb25TdHJpbmc9ZD0=", TestName = "A misspelt key without a value in PostgreSQL's connection string")]
    [TestCase("the search-page reader in pieces", "Cgl7ImVudHJ5IjoKCVt7InJlc291cmNlIjoKCXsicmVzb3VyY2VUeXChIjoiT2JzZXJ2YXRpb24iLCJpZCI6InguMfs0IiwiZW50cnkiOg0KICB7fX0sImZ1bGxVcmwiOiJodA==", TestName = "An entry whose type is wrong and whose id is no UTF-8")]
    [TestCase("the structural check", "eyJyXHVkODAwZVR5cGUiOg==", TestName = "A member's name with half a surrogate")]
    public void What_broke_once_breaks_no_more(string target, string base64)
        => Assert.That(() => FuzzTarget.All.Single(t => t.Name == target).Read(Convert.FromBase64String(base64)), Throws.Nothing);

    [Test]
    public void A_reader_that_throws_is_found_and_its_input_told_and_made_small()
    {
        var broken = new FuzzTarget("a broken reader", 1, _ => [new byte[200]], bytes => Array.IndexOf(bytes, (byte)'{') < 0 ? true : throw new InvalidTimeZoneException());

        var find = Assert.ThrowsAsync<AssertionException>(() => FuzzRun.RunAsync(broken, 0, 20_000, CancellationToken.None));

        Assert.That(find!.Message, Does.Contain("InvalidTimeZoneException").And.Contain($"seed {FuzzRun.Seed}").And.Contain("made smaller:    ew=="));
    }

    [Test]
    public void A_seed_gives_the_same_inputs_each_time()
    {
        byte[][] corpus = [.. Corpus.Commands];

        var first = Enumerable.Range(0, 200).Select(n => Convert.ToBase64String(FuzzRun.Input(corpus, 3, n))).ToList();
        var again = Enumerable.Range(0, 200).Reverse().Select(n => Convert.ToBase64String(FuzzRun.Input(corpus, 3, n))).Reverse().ToList();

        Assert.That(again, Is.EqualTo(first));
        Assert.That(first.Distinct().Count(), Is.GreaterThan(100));
    }
}
