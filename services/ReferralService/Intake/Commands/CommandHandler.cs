using System.Text;
using System.Text.Json;
using ReferralService.Contracts;
using ReferralService.Intake.Requests;
using ReferralService.Ledger;

namespace ReferralService.Intake.Commands;

/// <summary>What a command came to.</summary>
internal abstract record CommandOutcome
{
    private CommandOutcome() { }

    /// <param name="Json">A CommandAnswer; the same bytes each time the command is repeated.</param>
    /// <param name="Refusal">Code of a refusal; null when accepted.</param>
    public sealed record Answer(ReadOnlyMemory<byte> Json, string? Refusal) : CommandOutcome;

    /// <summary>Nobody can be told; it belongs to the rejected ones.</summary>
    public sealed record Rejected(string Reason) : CommandOutcome;
}

/// <summary>Does one command, once, however often it comes. Knows nothing of brokers.</summary>
internal sealed class CommandHandler(ReferralRequests requests, ReferralBook book, TimeProvider time)
{
    /// <exception cref="LedgerUnavailableException">Nothing was done; it may come again.</exception>
    public async Task<CommandOutcome> HandleAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken) => CommandBody.Read(body) switch
    {
        CommandBody.Unreadable unreadable => new CommandOutcome.Rejected(unreadable.Reason),
        CommandBody.Malformed malformed => Refused(malformed.Id, malformed.Code, malformed.Message),
        CommandBody.Readable readable => await DecideAsync(readable, cancellationToken),
        _ => throw new InvalidOperationException("A body is one of three."),
    };

    private async Task<CommandOutcome> DecideAsync(CommandBody.Readable readable, CancellationToken cancellationToken)
    {
        var id = readable.Command.Id;
        var plan = PlanOf(readable.Command);
        var receipt = await book.DecideCommandAsync(
            new CommandKey(id.ToString("D"), readable.BodySha256),
            plan.Scope,
            rows =>
            {
                var decision = plan.Decide(rows);
                return new Decision<string>(JsonSerializer.Serialize(AnswerOf(id, decision.Answer), ContractsJson.Default.CommandAnswer), decision.Created, decision.Changed);
            },
            cancellationToken);
        return receipt switch
        {
            CommandReceipt.Answered answered => Told(answered.AnswerJson),
            CommandReceipt.IdReused => Refused(id, ReasonCodes.IdReused, "This id was used for another command; give each command its own."),
            _ => throw new InvalidOperationException("A receipt is one of two."),
        };
    }

    private RequestPlan PlanOf(ReferralCommand command) => command switch
    {
        SubmitCommand submit => requests.Submit(submit.Ehr, submit.ServiceRequest, submit.Recipient, Spans.Parent, time.GetUtcNow()),
        RetryCommand retry => requests.Retry(new ReferralId(retry.ReferralId), retry.Recipient, time.GetUtcNow()),
        CancelCommand cancel => ReferralRequests.Cancel(new ReferralId(cancel.ReferralId), time.GetUtcNow()),
        _ => throw new InvalidOperationException("A command is one of three."),
    };

    private static CommandAnswer AnswerOf(Guid id, RequestAnswer answer) => answer switch
    {
        RequestAnswer.Accepted accepted => new CommandAnswer { Id = id, Accepted = true, ReferralId = accepted.Id.Value },
        RequestAnswer.Refused refused => new CommandAnswer { Id = id, Accepted = false, Code = refused.Code, Message = refused.Message },
        _ => throw new InvalidOperationException("An answer is one of two."),
    };

    private static CommandOutcome.Answer Told(string answerJson)
        => new(Encoding.UTF8.GetBytes(answerJson), JsonSerializer.Deserialize(answerJson, ContractsJson.Default.CommandAnswer)!.Code);

    private static CommandOutcome.Answer Refused(Guid id, string code, string message)
        => Told(JsonSerializer.Serialize(new CommandAnswer { Id = id, Accepted = false, Code = code, Message = message }, ContractsJson.Default.CommandAnswer));
}
