namespace ReferralService.Sandbox.Demo;

/// <summary>Who speaks on a line.</summary>
internal enum Speaker { Demo, Ehr, Service, Consultant, Broker }

/// <summary>Prints lines as things happen, from any thread; colour only where a person's terminal wants it.</summary>
/// <remarks>
/// The service's steps are learnt by asking it, a moment later than the partners' own lines. So each line waits a blink
/// and those that waited are printed in the order in which things happened.
/// </remarks>
internal sealed class Screen : IAsyncDisposable
{
    private static readonly TimeSpan Blink = TimeSpan.FromMilliseconds(300);
    private readonly TextWriter _output;
    private readonly bool _colour;
    private readonly TimeProvider _clock;
    private readonly DateTimeOffset _start;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private readonly List<(DateTimeOffset At, string Name, string Text, string Colour)> _waiting = [];

    public Screen(TextWriter output, bool colour, TimeProvider clock)
    {
        (_output, _colour, _clock, _start) = (output, colour, clock, clock.GetUtcNow());
        _timer = clock.CreateTimer(_ => Print(_clock.GetUtcNow() - Blink), null, Blink / 3, Blink / 3);
    }

    public TimeSpan Elapsed => _clock.GetUtcNow() - _start;

    public static Screen ForConsole()
    {
        Console.OutputEncoding = System.Text.Encoding.UTF8;
        var wanted = !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && Environment.GetEnvironmentVariable("TERM") != "dumb";
        return new Screen(Console.Out, wanted, TimeProvider.System);
    }

    public void Title(string text) => Write(text, "1");

    public void Plain(string text = "") => Write(text, null);

    public void Good(string text) => Write(text, "32");

    public void Bad(string text) => Write(text, "31");

    /// <summary>A line of the story: who, what, and when (now, if not told otherwise).</summary>
    public void Say(Speaker speaker, string name, string text, DateTimeOffset? at = null)
    {
        var colour = speaker switch { Speaker.Ehr => "36", Speaker.Service => "33", Speaker.Consultant => "35", Speaker.Broker => "34", _ => "1" };
        lock (_gate) _waiting.Add((at ?? _clock.GetUtcNow(), name, text, colour));
    }

    /// <summary>Prints what waits.</summary>
    public void Flush() => Print(DateTimeOffset.MaxValue);

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        Flush();
    }

    private void Write(string text, string? code)
    {
        lock (_gate)
        {
            Flush();
            _output.WriteLine(_colour && code is not null ? $"\e[{code}m{text}\e[0m" : text);
        }
    }

    private void Print(DateTimeOffset until)
    {
        lock (_gate)
        {
            foreach (var (at, name, text, code) in _waiting.Where(l => l.At <= until).OrderBy(l => l.At).ToList())
            {
                var when = $"{Math.Max(0, (at - _start).TotalSeconds),7:0.00} s  ";
                _output.WriteLine(_colour ? $"\e[2m{when}\e[0m\e[{code}m{name,-14}\e[0m {text}" : $"{when}{name,-14} {text}");
            }
            _waiting.RemoveAll(l => l.At <= until);
        }
    }
}
