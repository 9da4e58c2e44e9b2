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

        if (json) AddJsonTo(verb);
        AddWayTo(verb);
        verb.SetAction((parsed, cancelled) => GuardedAsync(parsed, async (where, asJson) =>
        {
            using var link = new ServiceLink(where(Screen), Screen.Clock);
            return await act(parsed, link, asJson, cancelled);
        }));
        return verb;
    }

    public void AddTo(Command verb)
    {
        AddJsonTo(verb);
        AddWayTo(verb);
    }

    public void AddJsonTo(Command verb) => verb.Add(_json);

    private void AddWayTo(Command verb)
    {
        verb.Add(_url);
        verb.Add(_keyFile);
        verb.Add(_allowHttp);
    }

    /// <param name="act">Told how the service is found, where it needs it, and whether JSON is wanted; returns the exit code.</param>
    public async Task<int> GuardedAsync(ParseResult parsed, Func<Func<Screen, ServiceAddress>, bool, Task<int>> act)
    {
        var json = parsed.GetResult(_json) is not null && parsed.GetValue(_json);
        try
        {
            var code = await act(screen => ServiceAddress.Find(parsed.GetValue(_url), parsed.GetValue(_keyFile), parsed.GetValue(_allowHttp), screen), json);
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
