using System.Net.Security;
using RabbitMQ.Client;

namespace ReferralService;

/// <summary>How this process connects to RabbitMQ as a plain client (events out, commands in).</summary>
internal static class BrokerConnection
{
    /// <summary>Half of it may pass in silence before a dead peer is noticed.</summary>
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(10);

    /// <param name="address">Of <see cref="BusOptions.RabbitMq"/>.</param>
    /// <param name="purpose">Shown in the broker's list of connections.</param>
    public static ConnectionFactory Factory(Uri address, string purpose)
    {
        var factory = new ConnectionFactory
        {
            Uri = address,
            ClientProvidedName = $"referral-service {purpose}",
            RequestedHeartbeat = Heartbeat,
            RequestedConnectionTimeout = Ceiling,
            HandshakeContinuationTimeout = Ceiling,
            ContinuationTimeout = Ceiling,

            // Each user knows what to repeat after a lost connection; the client does not, and its recovery hides the loss.
            AutomaticRecoveryEnabled = false,
            TopologyRecoveryEnabled = false,
        };

        // The client's own reading of amqps:// accepts a certificate of any name.
        factory.Ssl.ServerName = address.Host;
        factory.Ssl.AcceptablePolicyErrors = SslPolicyErrors.None;
        return factory;
    }
}
