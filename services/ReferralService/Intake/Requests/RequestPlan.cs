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
    /// <summary>What is recorded of it where a person asked: the referral, and what came of it.</summary>
    public OperatorAction Recorded(OperatorAction act, RequestAnswer answer) => answer switch
    {
        RequestAnswer.Accepted accepted => act with { Referral = accepted.Id },
        RequestAnswer.Refused refused => act with { Referral = (Scope as DecisionScope.One)?.Id, Outcome = refused.Code },
        _ => throw new InvalidOperationException("An answer is one of two."),
    };

    /// <summary>A request that is refused whatever the ledger holds.</summary>
    public static RequestPlan Refuse(string code, string message)
        => new(new DecisionScope.Order("", ""), _ => Decision<RequestAnswer>.Only(new RequestAnswer.Refused(code, message)));
}
