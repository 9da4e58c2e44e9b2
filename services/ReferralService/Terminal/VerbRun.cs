using System.CommandLine;

namespace ReferralService.Terminal;

/// <summary>What every verb that talks to a running service has in common: its options, its way there, and how it ends when something is wrong.</summary>
internal sealed class VerbRun(Screen screen)
{
    private readonly Option<string?> _url = new("--url") { Description = "where the service is", HelpName = "http://host:port" };
    private readonly Option<string?> _keyFile = new("--key-file") { Description = $"file with the secret of one of Api:Keys; else {ServiceAddress.KeyVariable}", HelpName = "path" };
    private readonly Option<bool> _allowHttp = new("--allow-http") { Description = "show the key over http beyond this machine" };
    private readonly Option<bool> _json = new("--json") { Description = "the API's own answer" };

    public Screen Screen { get; } = screen;

    /// <param name="json">Whether there is a choice: what is JSON in any case has no such option.</param>
    /// <param name="act">Returns the exit code.</param>
    public Command Verb(string name, string description, IEnumerable<Symbol> own, Func<ParseResult, ServiceLink, bool, CancellationToken, Task<int>> act, bool json = true)
    {
        var verb = new Command(name, description);
        foreach (var symbol in own)
        {
            if (symbol is Argument argument) verb.Add(argument);
            else if (symbol is Option option) verb.Add(option);
        }

        if (json) verb.Add(_json);
        verb.Add(_url);
        verb.Add(_keyFile);
        verb.Add(_allowHttp);
        verb.SetAction((parsed, cancelled) => RunAsync(parsed, json && parsed.GetValue(_json), act, cancelled));
        return verb;
    }

    private async Task<int> RunAsync(ParseResult parsed, bool json, Func<ParseResult, ServiceLink, bool, CancellationToken, Task<int>> act, CancellationToken cancelled)
    {
        try
        {
            var address = ServiceAddress.Find(parsed.GetValue(_url), parsed.GetValue(_keyFile), parsed.GetValue(_allowHttp), Screen);
            using var link = new ServiceLink(address, Screen.Clock);
            var code = await act(parsed, link, json, cancelled);
            await Screen.Output.FlushAsync(CancellationToken.None);
            return code;
        }
        catch (VerbException e)
        {
            await Screen.Output.FlushAsync(CancellationToken.None);
            await Screen.Errors.WriteLineAsync(json && e.Problem is { } problem ? problem.ReplaceLineEndings(" ") : e.Message);
            return e.ExitCode;
        }
    }
}
