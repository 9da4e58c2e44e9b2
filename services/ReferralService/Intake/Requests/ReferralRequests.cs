using System.Collections.Immutable;
using ReferralService.Contracts;
using ReferralService.Intake.Settings;
using ReferralService.Ledger;
using ReferralService.Ledger.Transitions;

namespace ReferralService.Intake.Requests;

/// <summary>Submit, retry and cancel, for REST and the command queue alike. The order itself is not read here: that is Flow's first step.</summary>
internal sealed class ReferralRequests(EhrRegistry ehrs, KnownRecipients recipients)
{
    public RequestPlan Submit(string ehrName, string serviceRequest, string? recipient, string? traceParent, DateTimeOffset now)
    {
        if (ehrs.Find(ehrName) is not { } ehr)
            return RequestPlan.Refuse(ReasonCodes.EhrUnknown, "No EHR of this name is configured under Ehrs.");
        if (OrderReference.ReadAsked(serviceRequest, ehr.BaseUrl) is not { Id: var orderId })
            return RequestPlan.Refuse(ReasonCodes.BadRequest, "serviceRequest must be ServiceRequest/{id}, an id, or the order's absolute URL at this EHR.");
        if (recipient is not null && !recipients.Contains(recipient)) return UnknownRecipient();

        return new RequestPlan(new DecisionScope.Order(ehr.Name, orderId), rows =>
        {
            var decision = JoinRules.Submit(rows, ehr.BaseUrl, ehr.Name, orderId, recipient, traceParent, now);
            return new Decision<RequestAnswer>(new RequestAnswer.Accepted(decision.Answer.Id, decision.Answer.State), decision.Created, decision.Changed);
        });
    }

    public RequestPlan Retry(ReferralId id, string? recipient, DateTimeOffset now)
        => recipient is not null && !recipients.Contains(recipient)
            ? UnknownRecipient()
            : new RequestPlan(new DecisionScope.One(id), rows => Conclude(JoinRules.Retry(rows, id, recipient, now)));

    public static RequestPlan Cancel(ReferralId id, DateTimeOffset now)
        => new(new DecisionScope.One(id), rows => Conclude(Cancel(rows, id, now)));

    private static Verdict Cancel(ImmutableArray<Referral> ofTheOrder, ReferralId id, DateTimeOffset now)
        => ofTheOrder.FirstOrDefault(r => r.Id == id) is { } mine
            ? ReferralTransitions.Cancel(mine, now)
            : new Verdict.Refused(ReasonCodes.NotFound, "There is no referral with this id.");

    private static Decision<RequestAnswer> Conclude(Verdict verdict) => verdict switch
    {
        Verdict.Allowed { Transition: var transition }
            => new Decision<RequestAnswer>(new RequestAnswer.Accepted(transition.After.Id, transition.After.State), [], [transition]),
        Verdict.Refused refused => Decision<RequestAnswer>.Only(new RequestAnswer.Refused(refused.Code, refused.Message)),
        _ => throw new InvalidOperationException("A verdict is one of two."),
    };

    private static RequestPlan UnknownRecipient()
        => RequestPlan.Refuse(ReasonCodes.RecipientUnknown, "No recipient of this name is configured under Recipients.");
}
