using System.Diagnostics;
using System.Globalization;

namespace ReferralService.AcceptanceTests.Chaos;

/// <summary>Tells how far it is: a bar on a terminal, a line now and then elsewhere.</summary>
internal sealed class ChaosScreen(TextWriter output, bool terminal)
{
    private const int Width = 30;
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);

    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly Lock _gate = new();
    private long _said;
    private string _phase = "";

    public void Phase(string name)
    {
        lock (_gate)
        {
            EndBar();
            (_phase, _said) = (name, 0);
            Line(name);
        }
    }

    public void Progress(int done, int of, string more = "")
    {
        lock (_gate)
        {
            if (terminal)
            {
                var full = of == 0 ? Width : Math.Min(Width, Width * done / of);
                output.Write(string.Create(CultureInfo.InvariantCulture, $"\r  {_phase,-9} [{new string('#', full)}{new string('.', Width - full)}] {done}/{of} {more,-40}"));
            }
            else if (_said == 0 || Stopwatch.GetElapsedTime(_said) > Quiet)
            {
                _said = Stopwatch.GetTimestamp();
                Line(string.Create(CultureInfo.InvariantCulture, $"  {_phase} {done}/{of} {more}"));
            }
        }
    }

    public void Say(string text)
    {
        lock (_gate)
        {
            EndBar();
            Line(text);
        }
    }

    private void EndBar()
    {
        if (terminal && _phase.Length > 0)
        {
            output.WriteLine();
        }
    }

    private void Line(string text) => output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(_began):mm\\:ss} {text.TrimEnd()}"));
}
