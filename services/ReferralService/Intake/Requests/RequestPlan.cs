using System.Collections.Immutable;
using ReferralService.Ledger;

namespace ReferralService.Intake.Requests;

/// <summary>What a caller is told, whether it asked by REST or by command.</summary>
internal abstract record RequestAnswer
{
    private RequestAnswer() { }

    public sealed record Accepted(ReferralId Id, ReferralState State) : RequestAnswer;

    /// <param name="Code">Of Contracts.ReasonCodes.</param>
    /// <param name="Message">One static sentence.</param>
    public sealed record Refused(string Code, string Message) : RequestAnswer;
}

/// <summary>A request that could be understood: the rows it is about, and what it does to them. <see cref="Decide"/> is pure.</summary>
internal sealed record RequestPlan(DecisionScope Scope, Func<ImmutableArray<Referral>, Decision<RequestAnswer>> Decide)
{
    /// <summary>A request that is refused whatever the ledger holds.</summary>
    public static RequestPlan Refuse(string code, string message)
        => new(new DecisionScope.Order("", ""), _ => Decision<RequestAnswer>.Only(new RequestAnswer.Refused(code, message)));
}
