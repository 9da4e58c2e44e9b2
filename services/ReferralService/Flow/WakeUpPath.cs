using MassTransit;
using ReferralService.Ledger;

namespace ReferralService.Flow;

/// <summary>How wake-ups travel: exchanges, queues, limits, and what becomes of a message that is no wake-up.</summary>
internal static class WakeUpPath
{
    /// <summary>Messages that wait here, of each queue, for a place or for the ledger. Small: what a full replica holds, another cannot take.</summary>
    private const int Held = 8;

    /// <summary>One session's bus, not started.</summary>
    public static IBusControl Build(BusOptions options, LocalSteps steps, Func<Task> beforeConnecting) => Bus.Factory.CreateUsingRabbitMq(bus =>
    {
        bus.Host(options.RabbitMq, host => ConfigureHost(host, options.RabbitMq, beforeConnecting));
        AddQueues(bus, steps);
    });

    public static Task SendAsync(IBus bus, ClaimedReferral claimed, DateTimeOffset at, CancellationToken cancellationToken) => claimed.State is ReferralState.Packaged or ReferralState.Delivering
        ? bus.Publish(new DeliverReferral(claimed.Id.Value, claimed.Fence, at), cancellationToken)
        : bus.Publish(new PackageReferral(claimed.Id.Value, claimed.Fence, at), cancellationToken);

    /// <summary>The last word before each connection is ours: <see cref="BrokerConnection.Secure"/>.</summary>
    internal static void ConfigureHost(IRabbitMqHostConfigurator host, Uri address, Func<Task>? beforeConnecting = null) => host.OnRefreshConnectionFactory = factory =>
    {
        BrokerConnection.Secure(factory, address);
        BrokerConnection.Limit(factory);
        return beforeConnecting?.Invoke() ?? Task.CompletedTask;
    };

    private static void AddQueues(IBusFactoryConfigurator bus, LocalSteps steps)
    {
        // Names of ours, so that a user's rights can be written down: everything begins with "referral.".
        bus.Message<PackageReferral>(message => message.SetEntityName($"{BrokerQueues.PackageWakeUps}.out"));
        bus.Message<DeliverReferral>(message => message.SetEntityName($"{BrokerQueues.DeliverWakeUps}.out"));
        AddQueue(bus, BrokerQueues.PackageWakeUps, queue => queue.Consumer(() => new PackageReferralConsumer(steps)));
        AddQueue(bus, BrokerQueues.DeliverWakeUps, queue => queue.Consumer(() => new DeliverReferralConsumer(steps)));
    }

    private static void AddQueue(IBusFactoryConfigurator bus, string name, Action<IReceiveEndpointConfigurator> consume) => bus.ReceiveEndpoint(name, queue =>
    {
        queue.PrefetchCount = Held;
        queue.ConcurrentMessageLimit = Held;
        queue.PublishFaults = false;

        // What is no wake-up of ours is dropped without a word to anybody: its fault and response addresses are its sender's and may be any queue's,
        // and what it could have woken falls due by itself.
        queue.ConfigureError(pipe => pipe.UseFilter(new DropFilter<ExceptionReceiveContext>()));
        queue.ConfigureDeadLetter(pipe => pipe.UseFilter(new DropFilter<ReceiveContext>()));
        if (queue is IRabbitMqReceiveEndpointConfigurator rabbit)
        {
            rabbit.SetQuorumQueue();
        }

        consume(queue);
    });

    private sealed class DropFilter<T> : IFilter<T> where T : class, PipeContext
    {
        public Task Send(T context, IPipe<T> next) => Task.CompletedTask;

        public void Probe(ProbeContext context) => context.CreateFilterScope("drop");
    }
}
