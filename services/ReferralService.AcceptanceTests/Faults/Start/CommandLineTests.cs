using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ReferralService.AcceptanceTests.Support;

namespace ReferralService.AcceptanceTests.Faults.Start;

/// <summary>What the program says and how it ends when it is started with words it does not know, or where it cannot start; as a process.</summary>
[Parallelizable(ParallelScope.Children)]
internal sealed class CommandLineTests
{
    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(90);

    [TestCase("--help")]
    [TestCase("-h")]
    public async Task Help_says_how_it_is_used_and_nothing_starts(string word)
    {
        var end = await RunAsync(word);

        Assert.Multiple(() =>
        {
            Assert.That((end.Code, end.Error), Is.EqualTo((0, "")));
            Assert.That(end.Output, Does.Contain("--Key:Sub value").And.Contain("__").And.Contain("Exit codes").And.Contain("docs/runbook.md"));
            Assert.That(end.Left, Is.Empty, "no ledger was made");
        });
    }

    [TestCase("frobnicate", "frobnicate")]
    [TestCase("--PublicUrl", "--PublicUrl has no value")]
    public async Task What_it_does_not_know_ends_with_2_and_one_line(string word, string named)
    {
        var end = await RunAsync(word);

        Assert.That((end.Code, end.Output, end.Left), Is.EqualTo((2, "", Array.Empty<string>())), end.Error);
        Assert.That(end.Error.TrimEnd().Split('\n'), Has.Length.EqualTo(1).And.One.Contains(named));
    }

    [Test]
    public async Task The_doctor_says_how_it_is_and_leaves_nothing()
    {
        var end = await RunAsync("doctor", $"--urls=http://127.0.0.1:{FreePort.Take()}");

        Assert.That((end.Code, end.Error, end.Left), Is.EqualTo((0, "", Array.Empty<string>())), end.Output);
        Assert.That(end.Output, Does.Match("pass  settings +all +all can be used").And.Match(@"\d+ passed, \d+ to look at, 0 failed\n$").And.Not.Contain("\u001b"));
    }

    [Test]
    public async Task A_reader_that_has_seen_enough_ends_an_export_quietly()
    {
        // It has always another page.
        using var service = new HttpListener();
        var address = $"http://127.0.0.1:{FreePort.Take()}/";
        service.Prefixes.Add(address);
        service.Start();
        var serving = ServeAsync(service, $"{{\"items\":[{string.Join(',', Enumerable.Repeat("{\"id\":1}", 200))}],\"next\":\"more\"}}");

        var command = $"dotnet '{typeof(ReferralHost).Assembly.Location}' export --url {address} | head -n 1; echo ${{PIPESTATUS[0]}}";
        using var shell = Process.Start(new ProcessStartInfo("bash", ["-c", command]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var ceiling = new CancellationTokenSource(Ceiling);
        var (output, error) = (await shell.StandardOutput.ReadToEndAsync(ceiling.Token), await shell.StandardError.ReadToEndAsync(ceiling.Token));
        service.Stop();
        await serving;

        Assert.That((output, error), Is.EqualTo(("{\"id\":1}\n0\n", "")));
    }

    [Test]
    public async Task Ctrl_C_ends_a_watch_with_130_and_says_nothing()
    {
        using var service = new HttpListener();
        var address = $"http://127.0.0.1:{FreePort.Take()}/";
        service.Prefixes.Add(address);
        service.Start();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var serving = ServeAsync(service, """{"state":"gathering","timeline":[]}""", asked);

        // A shell that starts these tests in the background has them ignore SIGINT, and what they start inherits that: env takes it back.
        using var watch = Process.Start(new ProcessStartInfo("env", ["--default-signal=INT", "dotnet", typeof(ReferralHost).Assembly.Location, "watch", "01993c00-0000-7000-8000-000000000000", "--url", address])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        using var ceiling = new CancellationTokenSource(Ceiling);
        try
        {
            await asked.Task.WaitAsync(ceiling.Token);
            Signals.Send(watch.Id, Signals.Interrupt);
            var (output, error) = (await watch.StandardOutput.ReadToEndAsync(ceiling.Token), await watch.StandardError.ReadToEndAsync(ceiling.Token));
            await watch.WaitForExitAsync(ceiling.Token);

            Assert.That((watch.ExitCode, output, error), Is.EqualTo((130, "", "")));
        }
        finally
        {
            if (!watch.HasExited) watch.Kill();
            service.Stop();
            await serving;
        }
    }

    [Test]
    public async Task A_port_in_use_ends_with_4_one_line_and_nothing_begun()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        // Would be asked at once by a sweep, a subscription and the notices.
        using var ehr = new TcpListener(IPAddress.Loopback, 0);
        ehr.Start();

        var end = await RunAsync("--urls", $"http://127.0.0.1:{((IPEndPoint)other.LocalEndpoint).Port}", $"--Ehrs:main:BaseUrl=http://127.0.0.1:{((IPEndPoint)ehr.LocalEndpoint).Port}/fhir");

        Assert.Multiple(() =>
        {
            Assert.That(end.Code, Is.EqualTo(4));
            Assert.That(end.Error.TrimEnd().Split('\n'), Has.Length.EqualTo(1).And.One.Contains("(urls)").And.One.Contains("in use"), end.Error);
            Assert.That(end.Output, Does.Not.Contain("   at "), "no stack");
            Assert.That(ehr.Pending(), Is.False, "the EHR was asked by a process that never listened");
        });
    }

    [Test]
    public async Task A_ledger_that_cannot_be_made_ends_with_3_and_one_line()
    {
        var end = await RunAsync("--urls", $"http://127.0.0.1:{FreePort.Take()}", "--Ledger:ConnectionString=Data Source=/proc/no-such-folder/referrals.db");

        Assert.Multiple(() =>
        {
            Assert.That(end.Code, Is.EqualTo(3));
            Assert.That(end.Error.TrimEnd().Split('\n'), Has.Length.EqualTo(1).And.One.Contains("Ledger:ConnectionString"), end.Error);
            Assert.That(end.Output, Does.Not.Contain("   at "), "no stack");
        });
    }

    [TestCase("https://127.0.0.1:0")]
    [TestCase("ftp://127.0.0.1:0")]
    public async Task An_address_that_cannot_be_listened_at_ends_with_4_and_one_line(string urls)
    {
        var end = await RunAsync("--urls", urls);

        Assert.That(end.Code, Is.EqualTo(4), end.Error);
        Assert.That((end.Output + end.Error), Does.Not.Contain("   at "), "no stack");
        Assert.That(end.Error.TrimEnd().Split('\n'), Has.Length.EqualTo(1).And.One.Contains("(urls)"));
    }

    /// <summary>The same answer to everybody.</summary>
    private static async Task ServeAsync(HttpListener service, string answer, TaskCompletionSource? first = null)
    {
        var page = Encoding.UTF8.GetBytes(answer);
        try
        {
            while (true)
            {
                var asked = await service.GetContextAsync();
                await asked.Response.OutputStream.WriteAsync(page);
                asked.Response.Close();
                first?.TrySetResult();
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
        {
            // Stopped.
        }
    }

    /// <summary>In an empty folder of its own, as it comes from the build.</summary>
    private static async Task<(int Code, string Output, string Error, string[] Left)> RunAsync(params string[] words)
    {
        var folder = Directory.CreateTempSubdirectory("referral-words-");
        try
        {
            var start = new ProcessStartInfo("dotnet", [typeof(ReferralHost).Assembly.Location, .. words])
            {
                WorkingDirectory = folder.FullName, RedirectStandardOutput = true, RedirectStandardError = true,
            };
            using var process = Process.Start(start)!;
            using var ceiling = new CancellationTokenSource(Ceiling);
            try
            {
                var output = process.StandardOutput.ReadToEndAsync(ceiling.Token);
                var error = process.StandardError.ReadToEndAsync(ceiling.Token);
                await process.WaitForExitAsync(ceiling.Token);
                return (process.ExitCode, await output, await error, [.. folder.EnumerateFileSystemInfos().Select(one => one.Name)]);
            }
            finally
            {
                if (!process.HasExited) process.Kill();
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
