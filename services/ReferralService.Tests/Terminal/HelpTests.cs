using ReferralService.Terminal;

namespace ReferralService.Tests.Terminal;

internal sealed class HelpTests
{
    [Test]
    public void Every_verb_is_known_to_the_help_and_to_the_first_look()
    {
        var screen = new Screen(TextWriter.Null, TextWriter.Null, IsTerminal: false, _ => null, () => null, TimeProvider.System);

        var built = TerminalMain.Root(screen).Subcommands.Select(verb => verb.Name);

        Assert.That(built, Is.EquivalentTo(StartWords.Verbs));
        Assert.That(StartWords.Verbs.Where(verb => !StartWords.Help.Contains(verb, StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public async Task A_verb_says_how_it_is_used([Values("list", "watch", "submit")] string verb)
    {
        var typed = await Typed.RunAsync([verb, "--help"]);

        Assert.That((typed.Code, typed.Errors), Is.EqualTo((0, "")));
        Assert.That(typed.Output, Does.Contain("--url").And.Contain("--key-file").And.Contain("REFERRAL_SERVICE_KEY"));
    }
}
