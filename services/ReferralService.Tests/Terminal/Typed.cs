using ReferralService.Terminal;

namespace ReferralService.Tests.Terminal;

/// <summary>How a verb ended and what it said, typed where nobody watches unless a test says otherwise.</summary>
internal sealed record Typed(int Code, string Output, string Errors)
{
    /// <summary>Environment variables by name.</summary>
    private static readonly IReadOnlyDictionary<string, string> Nothing = new Dictionary<string, string>();

    public static Task<Typed> RunAsync(HttpClient service, params string[] words) => RunAsync(words, Nothing, url: service.BaseAddress!.ToString());

    public static async Task<Typed> RunAsync(
        IReadOnlyList<string> words, IReadOnlyDictionary<string, string>? variables = null, string? url = null, bool terminal = false, string? configured = null, StringWriter? output = null)
    {
        output ??= new StringWriter();
        var errors = new StringWriter { NewLine = "\n" };
        output.NewLine = "\n";
        var all = new Dictionary<string, string>(variables ?? Nothing);
        if (url is not null) all.TryAdd(ServiceAddress.UrlVariable, url);
        var code = await TerminalMain.RunAsync(words, new Screen(output, errors, terminal, name => all.GetValueOrDefault(name), () => configured, TimeProvider.System));
        return new Typed(code, output.ToString(), errors.ToString());
    }
}
