namespace ReferralService.Terminal;

internal enum Ink { Plain, Good, Warning, Bad, Faint }

/// <summary>Where a verb says what it has to say. Colours and moving lines only where somebody watches and has not said NO_COLOR.</summary>
/// <param name="IsTerminal">Standard output is one.</param>
/// <param name="Environment">Variables by name, null when not set.</param>
/// <param name="ConfiguredUrls">Setting <c>urls</c> as a start in this folder would read it; null when it is not set.</param>
internal sealed record Screen(TextWriter Output, TextWriter Errors, bool IsTerminal, Func<string, string?> Environment, Func<string?> ConfiguredUrls, TimeProvider Clock)
{
    /// <summary>https://no-color.org: any value but an empty one.</summary>
    private bool Colours => IsTerminal && string.IsNullOrEmpty(Environment("NO_COLOR")) && Environment("TERM") != "dumb";

    public string Inked(string text, Ink ink) => !Colours || ink == Ink.Plain ? text : $"\u001b[{Code(ink)}m{text}\u001b[0m";

    public static Ink OfState(string state) => state switch
    {
        "delivered" => Ink.Good,
        "held" => Ink.Warning,
        "failed" => Ink.Bad,
        "cancelled" => Ink.Faint,
        _ => Ink.Plain,
    };

    private static int Code(Ink ink) => ink switch
    {
        Ink.Good => 32,
        Ink.Warning => 33,
        Ink.Bad => 31,
        _ => 2,
    };
}
