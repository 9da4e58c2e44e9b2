using System.Text;
using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using ReferralService.AcceptanceTests.Chaos.Truth;

namespace ReferralService.AcceptanceTests.Chaos;

/// <summary>A durable queue that hears every status event while everything breaks, and is drained at the end by a plain client.</summary>
internal static class StatusQueue
{
    private const string Name = "rig-status";

    /// <summary>Where what nobody could handle ends.</summary>
    private static readonly string[] Graves = ["referral.commands.rejected", "referral.commands", "referral.wake-up.package_error", "referral.wake-up.deliver_error", "referral.wake-up.package_skipped", "referral.wake-up.deliver_skipped"];

    public static async Task BindAsync(Uri broker)
    {
        await using var connection = await new ConnectionFactory { Uri = broker }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await channel.ExchangeDeclareAsync("referral.status", ExchangeType.Topic, durable: true);
        await channel.QueueDeclareAsync(Name, durable: true, exclusive: false, autoDelete: false);
        await channel.QueueBindAsync(Name, "referral.status", "#");
    }

    /// <summary>All that was heard so far, in order; and where markers were found on the way.</summary>
    public static async Task<(IReadOnlyList<HeardFact> Heard, IReadOnlyList<Leak> Leaks)> DrainAsync(Uri broker)
    {
        await using var connection = await new ConnectionFactory { Uri = broker }.CreateConnectionAsync();
        var leaks = new List<Leak>();
        var heard = new List<HeardFact>();
        await ReadAsync(connection, Name, leaks, text =>
        {
            using var message = JsonDocument.Parse(text);
            var root = message.RootElement;
            heard.Add(new HeardFact(
                root.GetProperty("id").GetString()!, root.GetProperty("subject").GetString()!, root.GetProperty("sequence").GetInt32(), root.GetProperty("type").GetString()!, text));
        });
        foreach (var grave in Graves)
        {
            await ReadAsync(connection, grave, leaks, static _ => { });
        }

        return (heard, leaks);
    }

    private static async Task ReadAsync(IConnection connection, string queue, List<Leak> leaks, Action<string> take)
    {
        await using var channel = await connection.CreateChannelAsync();
        try
        {
            while (await channel.BasicGetAsync(queue, autoAck: true) is { } message)
            {
                var text = Encoding.UTF8.GetString(message.Body.Span);
                var headers = JsonSerializer.Serialize(message.BasicProperties.Headers?.ToDictionary(h => h.Key, h => h.Value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : $"{h.Value}"));
                if ((message.RoutingKey + headers + text).Contains(ChaosPatient.Canary, StringComparison.Ordinal))
                {
                    leaks.Add(new Leak($"queue {queue}"));
                }

                take(text);
            }
        }
        catch (OperationInterruptedException)
        {
            // There is no such queue, so there is nothing in it.
        }
    }
}
