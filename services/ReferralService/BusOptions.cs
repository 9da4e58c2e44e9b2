namespace ReferralService;

internal enum BusTransport { InMemory, RabbitMq }

/// <summary>Section <c>Bus</c>: read once by Program, because wake-ups (Flow), events out (Status), commands in (Intake) and the outbox (Ledger) hang on it.</summary>
internal sealed record BusOptions
{
    /// <summary>InMemory: wake-ups stay in this process, there are no status queues and no outbox. RabbitMq: all of it.</summary>
    public BusTransport Transport { get; init; } = BusTransport.InMemory;

    /// <summary>amqp:// or amqps:// URI with user, password and virtual host. Never echoed.</summary>
    public Uri RabbitMq { get; init; } = new("amqp://guest:guest@127.0.0.1:5672/");

    public static BusOptions Read(SettingsReader settings)
    {
        var bus = settings.Part("Bus");
        var options = new BusOptions { Transport = bus.Choice("Transport", BusTransport.InMemory) };
        var text = bus.Text("RabbitMq");
        if (text is null)
        {
            return options;
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is ("amqp" or "amqps") && BrokerConnection.CanRead(uri))
        {
            return options with { RabbitMq = uri };
        }

        bus.Fault("RabbitMq", "must be an amqp:// or amqps:// address with at most one virtual host behind the port (a / or : in a name is written %2F, %3A), e.g. amqp://user:password@broker:5672/vhost");
        return options;
    }
}
