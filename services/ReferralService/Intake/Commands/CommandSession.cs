using System.Diagnostics;
using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;
using ReferralService.Contracts;
using ReferralService.Ledger;

namespace ReferralService.Intake.Commands;

internal enum SessionEnd
{
    BrokerLost,

    /// <summary>An answer was not confirmed in time.</summary>
    BrokerSilent,

    /// <summary>The queue of rejected commands takes no more: nothing is dropped, so nothing more is read.</summary>
    RejectedFull,

    LedgerDown,
    Failed,
    Stopping,
}

/// <summary>One connection's worth of reading commands. A command is acknowledged when the ledger has it and its answer is confirmed; what is unfinished at the end goes back to the queue.</summary>
internal sealed partial class CommandSession(CommandHandler handler, TimeProvider time, ILogger<CommandReader> logger)
{
    /// <summary>Commands held at once; the ledger commits those that come together in one group.</summary>
    private const ushort Prefetch = 32;
    private const ushort AtOnce = 16;

    /// <summary>From the taking of a command to its acknowledgement: far below any broker's consumer_timeout, which would end the channel.</summary>
    private static readonly TimeSpan LedgerWithin = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ConfirmWithin = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FinishWithin = TimeSpan.FromSeconds(10);

    private readonly TaskCompletionSource<SessionEnd> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _atWork;
    private volatile bool _blocked;

    /// <summary>What the broker said when it ended the session; null when it said nothing.</summary>
    public BrokerTrouble? Trouble { get; private set; }

    /// <summary>Whether the broker had an alarm and took no messages.</summary>
    public bool IsBlocked => _blocked;

    /// <summary>Reads until something ends it.</summary>
    public async Task<SessionEnd> RunAsync(IConnection connection, CancellationToken stopping)
    {
        var confirmed = new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);
        await using var answers = await connection.CreateChannelAsync(confirmed, stopping);
        await using var commands = await connection.CreateChannelAsync(new CreateChannelOptions(false, false, consumerDispatchConcurrency: AtOnce), stopping);
        using var abandon = new CancellationTokenSource();

        commands.ChannelShutdownAsync += (_, closed) => LostAsync(closed);
        answers.ChannelShutdownAsync += (_, closed) => LostAsync(closed);
        connection.ConnectionBlockedAsync += (_, _) => BlockedAsync(true);
        connection.ConnectionUnblockedAsync += (_, _) => BlockedAsync(false);
        var consumer = new AsyncEventingBasicConsumer(commands);
        consumer.UnregisteredAsync += (_, _) => EndAsync(SessionEnd.BrokerLost);
        consumer.ReceivedAsync += (_, message) => TakeAsync(commands, answers, message, abandon.Token);
        await commands.BasicQosAsync(0, Prefetch, global: false, stopping);
        var tag = await commands.BasicConsumeAsync(BrokerQueues.Commands, autoAck: false, consumer, stopping);
        Log.Reading(logger, BrokerQueues.Commands);

        await using var stop = stopping.Register(() => _end.TrySetResult(SessionEnd.Stopping));
        var end = await _end.Task;
        await FinishAsync(commands, tag, end, abandon);
        return end;
    }

    private Task LostAsync(ShutdownEventArgs closed)
    {
        if (!_end.Task.IsCompleted) Trouble = BrokerTrouble.Of(closed);
        return EndAsync(SessionEnd.BrokerLost);
    }

    private Task BlockedAsync(bool blocked)
    {
        _blocked = blocked;
        return Task.CompletedTask;
    }

    private Task EndAsync(SessionEnd end)
    {
        _end.TrySetResult(end);
        return Task.CompletedTask;
    }

    /// <summary>Takes nothing new and lets what is under way finish; closing the channel then gives the rest back.</summary>
    private async Task FinishAsync(IChannel commands, string tag, SessionEnd end, CancellationTokenSource abandon)
    {
        if (end is SessionEnd.BrokerLost or SessionEnd.BrokerSilent) await abandon.CancelAsync();
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
        using var step = Spans.Step("command", TraceOf(message.BasicProperties), ActivityKind.Consumer);
        try
        {
            if (await HandleAsync(answers, message, abandoned)) await commands.BasicAckAsync(message.DeliveryTag, multiple: false, abandoned);
            else await commands.BasicNackAsync(message.DeliveryTag, multiple: false, requeue: true, abandoned);
        }
        catch (LedgerUnavailableException)
        {
            await EndAsync(SessionEnd.LedgerDown);
        }
        catch (TimeoutException)
        {
            await EndAsync(SessionEnd.BrokerSilent);
        }
        catch (PublishException e) when (!e.IsReturn)
        {
            await EndAsync(SessionEnd.RejectedFull);
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

    /// <summary>What the sender says it belongs to, if it says so.</summary>
    private static string? TraceOf(IReadOnlyBasicProperties properties)
        => properties.Headers?.TryGetValue("traceparent", out var told) == true && told is byte[] { Length: <= 64 } text ? Encoding.ASCII.GetString(text) : null;

    /// <summary>False: it shall come once more, because its answer was refused.</summary>
    private async Task<bool> HandleAsync(IChannel answers, BasicDeliverEventArgs message, CancellationToken abandoned)
    {
        CommandOutcome outcome;
        try
        {
            outcome = await DecideAsync(message.Body, abandoned);
        }
        catch (Exception e) when (message.Redelivered && e is not (LedgerUnavailableException or OperationCanceledException))
        {
            // It has failed so before: set aside, or no command behind it would ever be read.
            Log.Failed(logger, e.GetType().Name);
            outcome = new CommandOutcome.Rejected(ReasonCodes.InternalError);
        }

        FaultPoint.Hit("K04", message.BasicProperties.CorrelationId);
        Measures.Commanded(outcome switch
        {
            CommandOutcome.Answer { Refusal: { } refused } => Measures.Reason(refused),
            CommandOutcome.Rejected rejected => Measures.Reason(rejected.Reason),
            _ => "accepted",
        });
        var properties = message.BasicProperties;
        switch (outcome)
        {
            case CommandOutcome.Answer answer when ReplyAddress.IsAllowed(properties.ReplyTo):
                return await AnswerAsync(answers, message, answer, abandoned);
            case CommandOutcome.Answer { Refusal: { } code }:
                await SetAsideAsync(answers, message, code, abandoned);
                break;
            case CommandOutcome.Rejected rejected:
                await SetAsideAsync(answers, message, rejected.Reason, abandoned);
                break;
        }

        return true;
    }

    private async Task<bool> AnswerAsync(IChannel answers, BasicDeliverEventArgs message, CommandOutcome.Answer answer, CancellationToken abandoned)
    {
        var reply = new BasicProperties { ContentType = "application/json", CorrelationId = message.BasicProperties.CorrelationId, Persistent = true };
        try
        {
            // Not mandatory: a sender that is gone does not undo what was done.
            await ConfirmAsync(answers.BasicPublishAsync("", message.BasicProperties.ReplyTo!, mandatory: false, reply, answer.Json, abandoned), abandoned);
            return true;
        }
        catch (PublishException e) when (!e.IsReturn)
        {
            // A queue of the sender's that is full: tried once more, and then not allowed to stand in the way of everybody's commands.
            if (message.Redelivered) Log.AnswerRefused(logger);
            return message.Redelivered;
        }
    }

    /// <exception cref="LedgerUnavailableException">It did not decide in time. It may have decided: the command is recognized when it comes again.</exception>
    private async Task<CommandOutcome> DecideAsync(ReadOnlyMemory<byte> body, CancellationToken abandoned)
    {
        using var within = new CancellationTokenSource(LedgerWithin, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(within.Token, abandoned);
        try
        {
            return await handler.HandleAsync(body, limit.Token).WaitAsync(limit.Token);
        }
        catch (OperationCanceledException late) when (within.IsCancellationRequested && !abandoned.IsCancellationRequested)
        {
            throw new LedgerUnavailableException(ReasonCodes.LedgerUnavailable, late);
        }
    }

    /// <summary>The clock decides, not the client: its publish may hang past its token while the broker is frozen.</summary>
    private Task ConfirmAsync(ValueTask publish, CancellationToken abandoned) => publish.AsTask().WaitAsync(ConfirmWithin, time, abandoned);

    /// <summary>Its sender cannot be told, so a person must be able to find it: as it came, with the reason.</summary>
    private async Task SetAsideAsync(IChannel answers, BasicDeliverEventArgs message, string reason, CancellationToken cancellationToken)
    {
        var properties = new BasicProperties
        {
            ContentType = message.BasicProperties.ContentType,
            CorrelationId = message.BasicProperties.CorrelationId,
            MessageId = message.BasicProperties.MessageId,
            Persistent = true,
            Timestamp = new AmqpTimestamp(time.GetUtcNow().ToUnixTimeSeconds()),
            Headers = new Dictionary<string, object?> { ["reason"] = reason },
        };
        await ConfirmAsync(answers.BasicPublishAsync("", BrokerQueues.Rejected, mandatory: true, properties, message.Body, cancellationToken), cancellationToken);
        Log.SetAside(logger, reason);
    }

    private static partial class Log
    {
        [LoggerMessage(1042, LogLevel.Information, "Reading commands from {Queue}.")]
        public static partial void Reading(ILogger logger, string queue);

        [LoggerMessage(1040, LogLevel.Warning, "A command was put into referral.commands.rejected: {Reason}.")]
        public static partial void SetAside(ILogger logger, string reason);

        [LoggerMessage(1043, LogLevel.Warning, "A command was done, but the queue in its reply-to takes no answer.")]
        public static partial void AnswerRefused(ILogger logger);

        [LoggerMessage(1041, LogLevel.Error, "A command failed with {Exception}; it comes again.")]
        public static partial void Failed(ILogger logger, string exception);
    }
}
