using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ReferralService.Ledger;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Ops;

/// <summary>What becomes of the process when a loop in the background ends.</summary>
internal sealed class LoopWatchTests
{
    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(30);

    private static IEnumerable<TestCaseData> Ends()
    {
        yield return new TestCaseData(new OperationCanceledException(new CancellationToken(canceled: true))).SetArgDisplayNames("a stray cancellation");
        yield return new TestCaseData(new TaskCanceledException("secret")).SetArgDisplayNames("somebody's timeout");
        yield return new TestCaseData(new LedgerUnavailableException("ledger-timeout", new TimeoutException("secret"))).SetArgDisplayNames("the ledger");
        yield return new TestCaseData(new InvalidDataException("secret")).SetArgDisplayNames("bad data");
    }

    [TestCaseSource(nameof(Ends))]
    public async Task A_loop_that_ends_by_itself_ends_the_process_as_a_fault_of_the_program(Exception end)
    {
        var log = new LogLines<LoopWatch>();
        var loop = new Loop();
        using var host = Host(loop, log);
        var watch = host.Services.GetRequiredService<LoopWatch>();
        await host.StartAsync();
        var ended = host.WaitForShutdownAsync();

        loop.End.SetException(end);
        await ended.WaitAsync(Ceiling);

        Assert.That(watch.Fault, Is.EqualTo(new LoopFault(nameof(Loop), end)));
        Assert.That(log.Lines, Has.Count.EqualTo(1).And.One.StartsWith($"{nameof(Loop)} ended with {end.GetType().Name}"));
        var said = StartRefusal.Of(watch.Fault!);
        Assert.That(said.ExitCode, Is.EqualTo(1));
        Assert.That(said.Text, Does.StartWith($"ReferralService failed in {nameof(Loop)} with {end.GetType().Name}.").And.Not.Contains("does not start"));
        Assert.That(said.Text + log.Lines[0], Does.Not.Contain("secret"));
    }

    [Test]
    public async Task It_is_said_when_it_happens_and_not_after_the_others_have_taken_their_leave()
    {
        var log = new LogLines<LoopWatch>();
        var (loop, slow) = (new Loop(), new SlowToStop());
        using var host = Host(loop, log, slow);
        await host.StartAsync();
        var ended = host.WaitForShutdownAsync();

        loop.End.SetException(new InvalidOperationException());
        await slow.Asked.Task.WaitAsync(Ceiling);
        var said = log.Lines.Count;
        slow.Leave.SetResult();
        await ended.WaitAsync(Ceiling);

        Assert.That(said, Is.EqualTo(1));
    }

    [Test]
    public async Task A_loop_that_is_cancelled_by_the_wished_stop_is_none()
    {
        var log = new LogLines<LoopWatch>();
        using var host = Host(new Loop(), log);
        var watch = host.Services.GetRequiredService<LoopWatch>();
        await host.StartAsync();

        await host.StopAsync();

        Assert.That((watch.Fault, log.Lines.Count), Is.EqualTo(((LoopFault?)null, 0)));
    }

    [Test]
    public async Task The_service_is_watched()
    {
        await using var service = await RunningService.StartAsync(new Dictionary<string, string>());

        var watch = service.Services.GetRequiredService<LoopWatch>();
        Assert.That((watch.Began, watch.Fault), Is.EqualTo((true, (LoopFault?)null)));
    }

    private static IHost Host(Loop loop, ILogger<LoopWatch> log, IHostedService? other = null)
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton(log);
        builder.Services.AddSingleton<IHostedService>(loop);
        if (other is not null)
        {
            builder.Services.AddSingleton(other);
        }

        LoopWatch.AddTo(builder.Services);
        return builder.Build();
    }

    private sealed class Loop : BackgroundService
    {
        public TaskCompletionSource End { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override Task ExecuteAsync(CancellationToken stoppingToken) => End.Task.WaitAsync(stoppingToken);
    }

    private sealed class SlowToStop : IHostedService
    {
        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Leave { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken)
        {
            Asked.SetResult();
            return Leave.Task;
        }
    }
}
