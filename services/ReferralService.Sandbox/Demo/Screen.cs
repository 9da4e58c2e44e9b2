using System.Diagnostics;

namespace ReferralService.Sandbox.Demo;

/// <summary>Who speaks on a line.</summary>
internal enum Speaker { Demo, Ehr, Service, Consultant, Broker }

/// <summary>Prints lines as things happen, from any thread; colour only where a person's terminal wants it.</summary>
internal sealed class Screen(TextWriter output, bool colour)
{
    private readonly Lock _gate = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    public static Screen ForConsole()
    {
        Console.OutputEncoding = System.Text.Encoding.UTF8;
        var wanted = !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && Environment.GetEnvironmentVariable("TERM") != "dumb";
        return new Screen(Console.Out, wanted);
    }

    public TimeSpan Elapsed => _clock.Elapsed;

    public void Title(string text) => Write("", text, "1");

    public void Plain(string text = "") => Write("", text, null);

    public void Good(string text) => Write("", text, "32");

    public void Bad(string text) => Write("", text, "31");

    /// <summary>A line of the story: when, who, what.</summary>
    public void Say(Speaker speaker, string name, string text)
    {
        var colourCode = speaker switch { Speaker.Ehr => "36", Speaker.Service => "33", Speaker.Consultant => "35", Speaker.Broker => "34", _ => "2" };
        lock (_gate)
        {
            var when = $"{_clock.Elapsed.TotalSeconds,7:0.00} s  ";
            output.WriteLine(colour ? $"\e[2m{when}\e[0m\e[{colourCode}m{name,-14}\e[0m {text}" : $"{when}{name,-14} {text}");
        }
    }

    private void Write(string indent, string text, string? code)
    {
        lock (_gate) output.WriteLine(colour && code is not null ? $"{indent}\e[{code}m{text}\e[0m" : indent + text);
    }
}
