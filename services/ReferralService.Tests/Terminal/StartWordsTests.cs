using ReferralService.Terminal;

namespace ReferralService.Tests.Terminal;

/// <summary>Settings given as words, as .NET reads them, and words that are none.</summary>
public sealed class StartWordsTests
{
    [TestCase]
    [TestCase("--PublicUrl", "http://127.0.0.1:8080")]
    [TestCase("--PublicUrl=http://127.0.0.1:8080", "--Vault:KeyFile=", "--Bus:Transport", "InMemory")]
    [TestCase("/Bus:Transport", "InMemory", "/urls=http://127.0.0.1:0")]
    [TestCase("Bus:Transport=InMemory")]
    [TestCase("--Ehrs:main:NotificationSecret", "frobnicate", Description = "A value, not a word")]
    [TestCase("--Ehrs:main:NotificationSecret", "-h")]
    [TestCase("--Ehrs:main:Criteria", "ServiceRequest?status=active")]
    public void Settings_start_the_service(params string[] words) => Assert.That(StartWords.Read(words).ExitCode, Is.Null);

    [TestCase("frobnicate")]
    [TestCase("-x")]
    [TestCase("-x=1")]
    [TestCase("--")]
    [TestCase("--=1")]
    [TestCase("=1")]
    [TestCase("")]
    [TestCase("--PublicUrl")]
    [TestCase("--PublicUrl", "--Bus:Transport", "InMemory")]
    [TestCase("--PublicUrl", "http://127.0.0.1:8080", "list")]
    [TestCase("List")]
    public void Anything_else_is_refused(params string[] words) => Assert.That(StartWords.Read(words).ExitCode, Is.EqualTo(2));

    [Test]
    public void A_refused_word_is_shown_short_and_without_what_a_terminal_obeys()
    {
        var text = StartWords.Read(["\u001b[2J" + new string('x', 500)]).Text;

        Assert.That(text, Does.Contain("?[2Jxxx").And.Not.Contain("\u001b"));
        Assert.That(text, Has.Length.LessThan(200));
    }

    [TestCase("--PublicUrl", "http://127.0.0.1:8080", "-h")]
    [TestCase("--help")]
    public void Help_is_given_wherever_it_is_asked_for(params string[] words) => Assert.That(StartWords.Read(words), Is.EqualTo(new StartWords(0, StartWords.Help)));
}
