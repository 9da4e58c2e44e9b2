using System.Net.Security;
using System.Security.Authentication;
using RabbitMQ.Client;

namespace ReferralService;

/// <summary>How this process connects to RabbitMQ as a plain client (events out, commands in), and what its bus of wake-ups must keep to.</summary>
internal static class BrokerConnection
{
    /// <summary>Half of it may pass in silence before a dead peer is noticed.</summary>
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan CloseCeiling = TimeSpan.FromSeconds(2);

    /// <summary>More than a broker lets a message be: a message too long for this client would end the connection, and again after each return.</summary>
    private const uint LongestMessage = 1 << 29;

    /// <summary>Whether RabbitMQ's client can make anything of the address; it says what it cannot with the address, password and all.</summary>
    public static bool CanRead(Uri address)
    {
        try
        {
            _ = new ConnectionFactory { Uri = address };
            return true;
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            return false;
        }
    }

    /// <param name="address">Of <see cref="BusOptions.RabbitMq"/>.</param>
    /// <param name="purpose">Shown in the broker's list of connections.</param>
    public static ConnectionFactory Factory(Uri address, string purpose)
    {
        var factory = new ConnectionFactory
        {
            Uri = address,
            ClientProvidedName = $"referral-service {purpose}",

            // Each user knows what to repeat after a lost connection; the client does not, and its recovery hides the loss.
            AutomaticRecoveryEnabled = false,
            TopologyRecoveryEnabled = false,
        };

        Secure(factory, address);
        Limit(factory);
        return factory;
    }

    /// <summary>How long a broker may be silent, and how much it may send at once.</summary>
    public static void Limit(ConnectionFactory factory)
    {
        factory.RequestedHeartbeat = Heartbeat;
        factory.RequestedConnectionTimeout = Ceiling;
        factory.HandshakeContinuationTimeout = Ceiling;
        factory.ContinuationTimeout = Ceiling;
        factory.MaxInboundMessageBodySize = LongestMessage;
    }

    /// <summary>Closes within a ceiling, never throws: towards a frozen broker the client's close hangs as well.</summary>
    public static async Task AbandonAsync(IConnection connection, TimeProvider clock)
    {
        try
        {
            await connection.AbortAsync(Constants.ReplySuccess, "", CloseCeiling).WaitAsync(CloseCeiling, clock);
            await connection.DisposeAsync().AsTask().WaitAsync(CloseCeiling, clock);
        }
        catch (Exception)
        {
            // It is given up either way; the broker ends its side when the heartbeat stays away.
        }
    }

    /// <summary>TLS for amqps://, on whatever port; never for amqp://. The certificate must be the broker's: chain, name and all.</summary>
    /// <remarks>RabbitMQ.Client's own reading of amqps:// accepts a certificate of any name; MassTransit's accepts any chain, and speaks plainly on any port but 5671.</remarks>
    public static void Secure(ConnectionFactory factory, Uri address)
    {
        bool tls = address.Scheme == "amqps";
        factory.Port = address.Port > 0 ? address.Port : tls ? 5671 : 5672;
        factory.Ssl = new SslOption
        {
            Enabled = tls,
            ServerName = address.Host,
            AcceptablePolicyErrors = SslPolicyErrors.None,
            // The system's choice: the newest both know.
            Version = SslProtocols.None,
        };
    }
}
