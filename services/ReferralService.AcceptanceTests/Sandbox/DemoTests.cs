using System.Diagnostics;
using ReferralService.AcceptanceTests.Support;
using ReferralService.Sandbox.Demo;

namespace ReferralService.AcceptanceTests.Sandbox;

/// <summary>The demo as a newcomer runs it: the built program, its exit code, its words.</summary>
public sealed class DemoTests
{
    private static readonly TimeSpan Ceiling = TimeSpan.FromMinutes(3);

    [Test]
    public async Task The_demo_delivers_five_referrals_and_says_that_the_bytes_match()
    {
        var (exit, output) = await RunAsync();

        Assert.That(exit, Is.Zero, output);
        Assert.That(output, Does.Contain("All five were delivered, each exactly once"));
        Assert.That(output.Split("read back and compared: the bytes match"), Has.Length.EqualTo(6), output);
        Assert.That(output, Does.Contain("recipient-unknown").And.Contain("→ 503"));
        Assert.That(output, Does.Contain("Checklist:").And.Contain("Left out,").And.Contain("withheld as the patient wishes 3 items").And.Contain("denies (provision.provision[0])"));
        Assert.That(output, Does.Contain("Nothing was stored or sent").And.Contain("409 record-incomplete").And.Contain("GET /fhir/AuditEvent?patient="));
    }

    [Test]
    public async Task Over_RabbitMQ_the_demo_hears_every_event_in_order()
    {
        var broker = await SharedBroker.GetAsync();

        var (exit, output) = await RunAsync("--rabbitmq", broker.Address.OriginalString);

        Assert.That(exit, Is.Zero, output);
        Assert.That(output, Does.Contain("referral.main.delivered"));
        Assert.That(output, Does.Contain("each referral's in order and complete"));
    }

    private static async Task<(int Exit, string Output)> RunAsync(params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(DemoOptions).Assembly.Location, .. args]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        try
        {
            using var ceiling = new CancellationTokenSource(Ceiling);
            var output = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(ceiling.Token), process.StandardError.ReadToEndAsync(ceiling.Token));
            await process.WaitForExitAsync(ceiling.Token);
            await TestContext.Out.WriteLineAsync(output[0]);
            return (process.ExitCode, string.Concat(output));
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }
}
