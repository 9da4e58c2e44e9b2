using MassTransit;

namespace ReferralService.Flow;

/// <summary>Keeps a bus for the wake-ups where there is a broker: looks first whether the broker would have it, starts it, and throws it away when it breaks.</summary>
/// <remarks>
/// MassTransit mends a lost connection, but gives up for good when the first one is refused (a wrong password) or a queue is another kind of queue, and
/// says so in the broker's words at every try. So a session here is short of every trouble: it begins only when the queues can be declared, and ends at the first.
/// </remarks>
internal sealed partial class WakeUpLink(BusOptions options, LocalSteps steps, BrokerTroubles troubles, StepTime time, IHostApplicationLifetime lifetime, ILogger<WakeUpLink> log) : BackgroundService
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StartWithin = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    /// <summary>So many looks in a row that found it unhealthy: one alone may be a channel that is being opened again.</summary>
    private const int UnhealthyLooks = 3;

    private volatile IBusControl? _current;

    /// <summary>The bus, if it carries now.</summary>
    public IBusControl? Current => _current;

    /// <summary>It did not take what it should: another one is to be tried.</summary>
    public void Suspect(IBusControl bus) => Interlocked.CompareExchange(ref _current, null, bus);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Transport == BusTransport.InMemory || !await lifetime.ListeningAsync(stoppingToken))
        {
            return;
        }

        var pause = ShortestPause;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await CheckAsync(stoppingToken);
                await RunSessionAsync(() => pause = ShortestPause, stoppingToken);
                if (stoppingToken.IsCancellationRequested)
                {
                    return;
                }

                Say(BrokerTrouble.Unreachable);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                Say(BrokerTrouble.Of(e));
            }
            catch (Exception)
            {
                // Whatever a start that is broken off throws while the process ends.
                return;
            }

            await Task.Delay(pause, time.Clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private Task CheckAsync(CancellationToken stoppingToken)
        => BrokerQueues.CheckWakeUpsAsync(BrokerConnection.Factory(options.RabbitMq, "wake-ups, looking"), time.Clock, stoppingToken).WaitAsync(StartWithin, time.Clock, stoppingToken);

    /// <summary>Returns when the bus is no longer to be trusted, or at the stop; the bus is then stopped.</summary>
    private async Task RunSessionAsync(Action started, CancellationToken stoppingToken)
    {
        var connections = 0;
        // The session's first connection only: a second one is the bus mending itself, in its own time, and that is the end of the session.
        var bus = WakeUpPath.Build(options, steps, () => Interlocked.Increment(ref connections) == 1 ? Task.CompletedTask : Task.Delay(ShortestPause, time.Clock, stoppingToken));
        try
        {
            await StartAsync(bus, stoppingToken);
            _current = bus;
            started();
            Say(null);
            for (var unhealthy = 0; unhealthy < UnhealthyLooks && _current == bus && !stoppingToken.IsCancellationRequested;)
            {
                await Task.Delay(LookEvery, time.Clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                unhealthy = bus.CheckHealth().Status == BusHealthStatus.Healthy ? 0 : unhealthy + 1;
            }
        }
        finally
        {
            _current = null;
            await StopAsync(bus);
        }
    }

    private async Task StartAsync(IBusControl bus, CancellationToken stoppingToken)
    {
        using var ceiling = new CancellationTokenSource(StartWithin, time.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ceiling.Token, stoppingToken);
        await bus.StartAsync(either.Token).WaitAsync(either.Token);
    }

    /// <summary>Messages under way here are handed over or given back within a second; towards a frozen broker the closing hangs, and is not waited for.</summary>
    private async Task StopAsync(IBusControl bus)
    {
        try
        {
            using var ceiling = new CancellationTokenSource(StopWithin, time.Clock);
            await bus.StopAsync(ceiling.Token).WaitAsync(StopWithin, time.Clock);
        }
        catch (Exception e)
        {
            Log.NotStopped(log, e.GetType().Name);
        }
    }

    private void Say(BrokerTrouble? trouble)
    {
        if (!troubles.Tell(BrokerUse.WakeUps, trouble))
        {
            return;
        }

        if (trouble is null)
        {
            Log.Back(log);
        }
        else
        {
            Log.Away(log, trouble.Code, trouble.Fix);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(8410, LogLevel.Warning, "Wake-ups cannot travel between replicas ({Code}); steps run in this process; {Fix}")]
        public static partial void Away(ILogger log, string code, string fix);

        [LoggerMessage(8411, LogLevel.Information, "Wake-ups travel again")]
        public static partial void Back(ILogger log);

        [LoggerMessage(8412, LogLevel.Information, "The last bus of wake-ups did not close in time ({ExceptionType}); it is left to its heartbeat")]
        public static partial void NotStopped(ILogger log, string exceptionType);
    }
}
