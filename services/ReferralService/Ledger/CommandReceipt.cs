namespace ReferralService.Ledger;

/// <summary>A command's id and the SHA-256 of its body: what makes it idempotent.</summary>
internal readonly record struct CommandKey(string Id, string BodySha256);

/// <summary>What became of a command: the answer of the first time, or the refusal of an id used for another body.</summary>
internal abstract record CommandReceipt
{
    private CommandReceipt() { }

    public sealed record Answered(string AnswerJson, bool FirstTime) : CommandReceipt;

    public sealed record IdReused : CommandReceipt;
}
