using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading.Channels;
using ReferralService.AcceptanceTests.Support;
using ReferralService.Sandbox.Demo;

namespace ReferralService.AcceptanceTests.Sandbox;

/// <summary>The demo that stays up, as the person in front of it uses it: pastes what it prints, watches, ends it.</summary>
[Parallelizable]
public sealed partial class KeepTests
{
    private static readonly TimeSpan Ceiling = TimeSpan.FromMinutes(3);

    [Test]
    public async Task What_is_pasted_from_the_screen_is_told_until_it_is_delivered_and_CtrlC_has_a_last_word()
    {
        await using var demo = new Kept();
        var invitation = await demo.UntilAsync("A third opinion");
        invitation += await demo.UntilAsync("curl");

        await demo.PasteAsync(Pasted().Matches(invitation)[0]);
        var order = await demo.UntilAsync(" delivered ");
        await demo.PasteAsync(Pasted().Matches(invitation)[1]);
        var third = await demo.UntilAsync(" delivered ");
        var page = await StartPage.RunAsync(Service().Match(invitation).Groups[1].Value);
        demo.Signal("INT");
        var end = await demo.UntilAsync(null);

        Assert.That(invitation, Does.Contain("demo-notification-secret"));
        Assert.That(page.Code, Is.Zero, page.Said);
        Assert.That(page.Package, Does.StartWith("{\"resourceType\":\"Bundle\""));
        Assert.That(order, Does.Contain("1 received").And.Contain("packaged").And.Contain("to urology-east"));
        Assert.That(third, Does.Contain("of ServiceRequest/second-opinion-s11").And.Contain("to urology-west"));
        Assert.That(end, Does.Contain("2 referrals came while everything stayed up, 2 delivered"));
        Assert.That(await demo.ExitAsync(), Is.Zero);
    }

    [Test]
    public async Task The_end_of_the_service_is_told_with_its_last_lines()
    {
        await using var demo = new Kept();
        var story = await demo.UntilAsync("A third opinion");

        using (var service = Process.GetProcessById(int.Parse(ServiceId().Match(story).Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture))) service.Kill();
        var end = await demo.UntilAsync(null);

        Assert.That(end, Does.Contain("has ended by itself").And.Contain("The service's last lines:"));
        Assert.That(await demo.ExitAsync(), Is.EqualTo(1));
    }

    [GeneratedRegex("""curl -s -X POST (\S+) -H 'Content-Type: (\S+)' -d '([^']+)'""")]
    private static partial Regex Pasted();

    [GeneratedRegex(@"^  service +(http://\S+)", RegexOptions.Multiline)]
    private static partial Regex Service();

    [GeneratedRegex(@"process (\d+), ready")]
    private static partial Regex ServiceId();

    private sealed class Kept : IAsyncDisposable
    {
        private readonly Process _process;
        private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
        private readonly CancellationTokenSource _ceiling = new(Ceiling);
        private readonly HttpClient _http = new();

        public Kept()
        {
            _process = new Process { StartInfo = new ProcessStartInfo("dotnet", [typeof(DemoOptions).Assembly.Location, "--keep"]) { RedirectStandardOutput = true } };
            _process.OutputDataReceived += (_, line) =>
            {
                if (line.Data is null) _lines.Writer.Complete();
                else _lines.Writer.TryWrite(line.Data);
            };
            Watchdog.Start(_process, group: false);
            _process.BeginOutputReadLine();
        }

        /// <summary>Everything printed up to the line that has these words; null: up to the end.</summary>
        public async Task<string> UntilAsync(string? words)
        {
            var heard = new StringBuilder();
            try
            {
                await foreach (var line in _lines.Reader.ReadAllAsync(_ceiling.Token))
                {
                    heard.AppendLine(line);
                    if (words is not null && line.Contains(words, StringComparison.Ordinal)) return heard.ToString();
                }
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"Not heard in time: {words ?? "the end"}\n{heard}");
            }
            if (words is not null) Assert.Fail($"It ended before: {words}\n{heard}");
            return heard.ToString();
        }

        public async Task PasteAsync(Match curl)
        {
            using var body = new StringContent(curl.Groups[3].Value, Encoding.UTF8, curl.Groups[2].Value);
            using var answer = await _http.PostAsync(new Uri(curl.Groups[1].Value), body, _ceiling.Token);
            Assert.That((int)answer.StatusCode, Is.AnyOf(201, 202));
        }

        public void Signal(string name)
        {
            using var kill = Process.Start("kill", [$"-{name}", $"{_process.Id}"]);
            kill.WaitForExit();
        }

        public async Task<int> ExitAsync()
        {
            await _process.WaitForExitAsync(_ceiling.Token);
            return _process.ExitCode;
        }

        public async ValueTask DisposeAsync()
        {
            if (!_process.HasExited) _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
            _process.Dispose();
            _ceiling.Dispose();
            _http.Dispose();
        }
    }
}
