using System.Security.Authentication;
using System.Text.RegularExpressions;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace ReferralService;

/// <summary>Why the broker does not do what we want of it, and what an operator does about it. Texts are ours: the broker's own name hosts and users.</summary>
/// <param name="Code">Permanent; listed in docs/runbook.md.</param>
/// <param name="Fix">One line, with the command to type where there is one.</param>
internal sealed partial record BrokerTrouble(string Code, string Fix)
{
    public static readonly BrokerTrouble Unreachable = new("broker-unreachable", "nothing answers at Bus:RabbitMq: see that the broker runs (rabbitmqctl status) and that the address is right");

    public static readonly BrokerTrouble Silent = new("broker-silent", "the broker has the connection and does not answer: rabbitmqctl status; if that hangs as well, restart the node");

    public static readonly BrokerTrouble Blocked = new(
        "broker-blocked", "the broker takes no messages (memory or disk alarm): rabbitmqctl status shows the alarm; free memory or disk, or raise the limit with rabbitmqctl set_vm_memory_high_watermark 0.6");

    public static readonly BrokerTrouble Refusing = new(
        "broker-refuses", "a queue bound to exchange referral.status is full and refuses: rabbitmqctl list_queues name messages policy; empty it or widen its limit");

    public static readonly BrokerTrouble RejectedFull = new(
        "broker-rejected-full", "queue referral.commands.rejected has reached its limit, so commands wait: look at what is in it, then rabbitmqctl purge_queue referral.commands.rejected");

    private static readonly BrokerTrouble Login = new(
        "broker-login", "user or password of Bus:RabbitMq is refused: correct it, or rabbitmqctl change_password USER PASSWORD (rabbitmqctl add_user, if there is no such user)");

    private static readonly BrokerTrouble VirtualHost = new(
        "broker-vhost", "the virtual host is not there or not open to the user: rabbitmqctl add_vhost VHOST; rabbitmqctl set_permissions -p VHOST USER '^referral\\.' '^(referral\\.|amq\\.default$)' '^referral\\.'");

    private static readonly BrokerTrouble Rights = new(
        "broker-rights", "the user may not use what it needs: rabbitmqctl set_permissions -p VHOST USER '^referral\\.' '^(referral\\.|amq\\.default$)' '^referral\\.'");

    private static readonly BrokerTrouble Tls = new("broker-tls", "the broker's certificate is not trusted, or is not for the host that Bus:RabbitMq names");

    public static BrokerTrouble Of(Exception e) => e switch
    {
        BrokerUnreachableException { InnerException: AggregateException { InnerException: { } first } } => Of(first),
        BrokerUnreachableException { InnerException: { } inner } => Of(inner),
        AuthenticationFailureException or PossibleAuthenticationFailureException => Login,
        AuthenticationException => Tls,
        OperationInterruptedException { ShutdownReason: { } reason } => Of(reason.ReplyCode, reason.ReplyText),
        TimeoutException or OperationCanceledException => Silent,
        ConnectFailureException { InnerException: TimeoutException } => Silent,
        _ => Unreachable,
    };

    /// <param name="replyCode">AMQP's.</param>
    /// <param name="replyText">The broker's; only names of ours are taken from it.</param>
    public static BrokerTrouble Of(ushort replyCode, string replyText) => replyCode switch
    {
        403 => replyText.Contains("Login", StringComparison.OrdinalIgnoreCase) ? Login : Rights,
        404 => Missing(replyText),
        406 => Mismatch(replyText),
        530 => VirtualHost,
        _ => Unreachable,
    };

    /// <summary>By the AMQP reply that closed a channel; null when there is none.</summary>
    public static BrokerTrouble? Of(ShutdownEventArgs? closed)
        => closed is { Initiator: ShutdownInitiator.Peer } ? Of(closed.ReplyCode, closed.ReplyText) : null;

    private static BrokerTrouble Missing(string replyText)
    {
        var name = OurName().Match(replyText) is { Success: true } found ? found.Value : "a queue or exchange of ours";
        return new("broker-missing", $"{name} was deleted; it is declared again at once, and whoever listens must bind to it again (or: rabbitmqctl import_definitions deploy/rabbitmq/definitions.json)");
    }

    private static BrokerTrouble Mismatch(string replyText)
    {
        if (OurName().Match(replyText) is not { Success: true } found)
        {
            return new("broker-mismatch", "a queue or exchange was made with other settings than the service's (deploy/rabbitmq/definitions.json): rabbitmqctl list_queues name type arguments; rabbitmqctl list_exchanges name type arguments");
        }

        var name = found.Value;
        var fix = found.Groups["kind"].Value == "exchange" || replyText.Contains($"exchange '{name}'", StringComparison.Ordinal)
            ? $"exchange {name} was made with other settings: rabbitmqadmin delete exchange name={name} (without the management plugin: rabbitmqctl eval 'rabbit_exchange:delete(rabbit_misc:r(<<\"/\">>, exchange, <<\"{name}\">>), false, <<\"operator\">>).'); it is then made anew by itself, and listeners bind again"
            : $"queue {name} was made with other settings: see that it is empty (rabbitmqctl list_queues name messages), then rabbitmqctl delete_queue {name} --if-empty; it is then made anew by itself";
        return new("broker-mismatch", fix);
    }

    [GeneratedRegex(@"referral\.[a-z.\-]{1,60}")]
    private static partial Regex OurName();
}
