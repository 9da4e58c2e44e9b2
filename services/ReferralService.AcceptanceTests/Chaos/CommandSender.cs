using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace ReferralService.AcceptanceTests.Chaos;

/// <summary>Submits through the command queue as a plain client does: the same command again until it is answered.</summary>
internal static class CommandSender
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(5);

    /// <summary>True: answered as accepted. False: the broker or the service is away now.</summary>
    public static async Task<bool> SubmitAsync(Uri broker, Guid id, string order, int copies, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await new ConnectionFactory { Uri = broker, AutomaticRecoveryEnabled = false, RequestedConnectionTimeout = AnswerWithin }.CreateConnectionAsync(cancellationToken);
            await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true), cancellationToken);
            var answers = (await channel.QueueDeclareAsync(cancellationToken: cancellationToken)).QueueName;
            var body = JsonSerializer.SerializeToUtf8Bytes(new { command = "submit", id, ehr = "main", serviceRequest = $"ServiceRequest/{order}" });
            for (var copy = 0; copy < copies; copy++)
            {
                var properties = new BasicProperties { ReplyTo = answers, CorrelationId = $"{id}", ContentType = "application/json", Persistent = true };
                await channel.BasicPublishAsync("", "referral.commands", mandatory: true, properties, body, cancellationToken).AsTask().WaitAsync(AnswerWithin, TimeProvider.System, cancellationToken);
            }

            for (var waited = TimeSpan.Zero; waited < AnswerWithin; waited += Look)
            {
                if (await channel.BasicGetAsync(answers, autoAck: true, cancellationToken) is { } answer)
                {
                    return JsonDocument.Parse(answer.Body).RootElement.GetProperty("accepted").GetBoolean();
                }

                await Task.Delay(Look, TimeProvider.System, cancellationToken);
            }

            return false;
        }
        catch (Exception e) when (e is BrokerUnreachableException or OperationInterruptedException or AlreadyClosedException or PublishException or IOException or TimeoutException
            // The client's own word for a broker that does not answer.
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }
}
