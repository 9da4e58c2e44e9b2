using System.CommandLine;
using System.CommandLine.Help;

namespace ReferralService.Terminal;

/// <summary>The verbs of the executable. Only what is asked for by a verb comes here: a plain start loads none of it.</summary>
internal static class TerminalMain
{
    /// <returns>Of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> words, Screen screen)
    {
        var parsed = Root(screen).Parse(words, new ParserConfiguration
        {
            // A word that begins with @ is a word, and no file to be read.
            ResponseFileTokenReplacer = null,
        });
        if (parsed.Errors.Count > 0 && parsed.Action is not HelpAction)
        {
            await screen.Errors.WriteLineAsync($"{PlainText.Of(parsed.Errors[0].Message.ReplaceLineEndings(" "), 160)} {parsed.CommandResult.Command.Name} --help says what there is.");
            return ExitCodes.Misused;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { Output = screen.Output, Error = screen.Errors, EnableDefaultExceptionHandler = false });
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Interrupted;
        }
        catch (IOException failure)
        {
            return await UnwrittenOutput.TellAsync(failure, screen);
        }
    }

    public static RootCommand Root(Screen screen)
    {
        var run = new VerbRun(screen);
        var root = new RootCommand("ReferralService");
        foreach (var verb in ReadingVerbs.All(run).Append(WatchVerb.Of(run)).Append(HealthVerb.Of(run)).Concat(ActingVerbs.All(run)).Append(DoctorVerb.Of(run)).Append(DoctorVerb.Config(run)))
        {
            root.Add(verb);
        }

        return root;
    }
}
