using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;
using ReferralService.Contracts;
using ReferralService.Ledger;

namespace ReferralService.Intake.Commands;

internal enum SessionEnd { BrokerLost, LedgerDown, Failed, Stopping }

/// <summary>One connection's worth of reading commands. A command is acknowledged when the ledger has it and its answer is confirmed; what is unfinished at the end goes back to the queue.</summary>
internal sealed partial class CommandSession(CommandHandler handler, TimeProvider time, ILogger<CommandReader> logger)
{
    /// <summary>Commands held at once; the ledger commits those that come together in one group.</summary>
    private const ushort Prefetch = 32;
    private const ushort AtOnce = 16;

    private static readonly TimeSpan ConfirmWithin = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FinishWithin = TimeSpan.FromSeconds(10);

    private readonly TaskCompletionSource<SessionEnd> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _atWork;

    /// <summary>Reads until something ends it.</summary>
    public async Task<SessionEnd> RunAsync(IConnection connection, CancellationToken stopping)
    {
        var confirmed = new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);
        await using var answers = await connection.CreateChannelAsync(confirmed, stopping);
        await using var commands = await connection.CreateChannelAsync(new CreateChannelOptions(false, false, consumerDispatchConcurrency: AtOnce), stopping);
        using var abandon = new CancellationTokenSource();

        commands.ChannelShutdownAsync += (_, _) => EndAsync(SessionEnd.BrokerLost);
        answers.ChannelShutdownAsync += (_, _) => EndAsync(SessionEnd.BrokerLost);
        var consumer = new AsyncEventingBasicConsumer(commands);
        consumer.UnregisteredAsync += (_, _) => EndAsync(SessionEnd.BrokerLost);
        consumer.ReceivedAsync += (_, message) => TakeAsync(commands, answers, message, abandon.Token);
        await commands.BasicQosAsync(0, Prefetch, global: false, stopping);
        var tag = await commands.BasicConsumeAsync(CommandBroker.Commands, autoAck: false, consumer, stopping);
        Log.Reading(logger, CommandBroker.Commands);

        await using var stop = stopping.Register(() => _end.TrySetResult(SessionEnd.Stopping));
        var end = await _end.Task;
        await FinishAsync(commands, tag, end, abandon);
        return end;
    }

    private Task EndAsync(SessionEnd end)
    {
        _end.TrySetResult(end);
        return Task.CompletedTask;
    }

    /// <summary>Takes nothing new and lets what is under way finish; closing the channel then gives the rest back.</summary>
    private async Task FinishAsync(IChannel commands, string tag, SessionEnd end, CancellationTokenSource abandon)
    {
        if (end == SessionEnd.BrokerLost) await abandon.CancelAsync();
        else await commands.BasicCancelAsync(tag, noWait: true, CancellationToken.None);
        if (Volatile.Read(ref _atWork) == 0) return;
        try
        {
            await _idle.Task.WaitAsync(FinishWithin, time, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            await abandon.CancelAsync();
        }
    }

    private async Task TakeAsync(IChannel commands, IChannel answers, BasicDeliverEventArgs message, CancellationToken abandoned)
    {
        if (_end.Task.IsCompleted) return;
        Interlocked.Increment(ref _atWork);
        try
        {
            await HandleAsync(answers, message, abandoned);
            await commands.BasicAckAsync(message.DeliveryTag, multiple: false, abandoned);
        }
        catch (LedgerUnavailableException)
        {
            await EndAsync(SessionEnd.LedgerDown);
        }
        catch (Exception e) when (e is OperationCanceledException or AlreadyClosedException or OperationInterruptedException or PublishException or IOException)
        {
            await EndAsync(SessionEnd.BrokerLost);
        }
        catch (Exception e)
        {
            Log.Failed(logger, e.GetType().Name);
            await EndAsync(SessionEnd.Failed);
        }
        finally
        {
            if (Interlocked.Decrement(ref _atWork) == 0 && _end.Task.IsCompleted) _idle.TrySetResult();
        }
    }

    private async Task HandleAsync(IChannel answers, BasicDeliverEventArgs message, CancellationToken abandoned)
    {
        using var within = new CancellationTokenSource(ConfirmWithin, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(within.Token, abandoned);
        CommandOutcome outcome;
        try
        {
            outcome = await handler.HandleAsync(message.Body, abandoned);
        }
        catch (Exception e) when (message.Redelivered && e is not (LedgerUnavailableException or OperationCanceledException))
        {
            // It has failed so before: set aside, or no command behind it would ever be read.
            Log.Failed(logger, e.GetType().Name);
            outcome = new CommandOutcome.Rejected(ReasonCodes.InternalError);
        }

        FaultPoint.Hit("K04", message.BasicProperties.CorrelationId);
        var properties = message.BasicProperties;
        switch (outcome)
        {
            case CommandOutcome.Answer answer when ReplyAddress.IsAllowed(properties.ReplyTo):
                // Not mandatory: a sender that is gone does not undo what was done.
                var reply = new BasicProperties { ContentType = "application/json", CorrelationId = properties.CorrelationId, Persistent = true };
                await answers.BasicPublishAsync("", properties.ReplyTo!, mandatory: false, reply, answer.Json, limit.Token);
                break;
            case CommandOutcome.Answer { Refusal: { } code }:
                await SetAsideAsync(answers, message, code, limit.Token);
                break;
            case CommandOutcome.Rejected rejected:
                await SetAsideAsync(answers, message, rejected.Reason, limit.Token);
                break;
        }
    }

    /// <summary>Its sender cannot be told, so a person must be able to find it: as it came, with the reason.</summary>
    private async Task SetAsideAsync(IChannel answers, BasicDeliverEventArgs message, string reason, CancellationToken cancellationToken)
    {
        var properties = new BasicProperties
        {
            ContentType = message.BasicProperties.ContentType,
            CorrelationId = message.BasicProperties.CorrelationId,
            MessageId = message.BasicProperties.MessageId,
            Persistent = true,
            Headers = new Dictionary<string, object?> { ["reason"] = reason },
        };
        await answers.BasicPublishAsync("", CommandBroker.Rejected, mandatory: true, properties, message.Body, cancellationToken);
        Log.SetAside(logger, reason);
    }

    private static partial class Log
    {
        [LoggerMessage(1042, LogLevel.Information, "Reading commands from {Queue}.")]
        public static partial void Reading(ILogger logger, string queue);

        [LoggerMessage(1040, LogLevel.Warning, "A command was put into referral.commands.rejected: {Reason}.")]
        public static partial void SetAside(ILogger logger, string reason);

        [LoggerMessage(1041, LogLevel.Error, "A command failed with {Exception}; it comes again.")]
        public static partial void Failed(ILogger logger, string exception);
    }
}
