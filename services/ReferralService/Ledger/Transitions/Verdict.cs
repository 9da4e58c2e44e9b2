namespace ReferralService.Ledger.Transitions;

/// <summary>What a trigger comes to: a transition (perhaps an empty one), or a refusal with a code of Contracts.ReasonCodes.</summary>
internal abstract record Verdict
{
    private Verdict() { }

    public sealed record Allowed(Transition Transition) : Verdict;

    /// <param name="Message">One static sentence that says what to do instead.</param>
    public sealed record Refused(string Code, string Message) : Verdict;
}
