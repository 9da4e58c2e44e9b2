using ReferralService.Intake.Access;
using ReferralService.Intake.Access.Sessions;
using ReferralService.Intake.Requests;
using ReferralService.Ledger;
using ReferralService.Ops.Pages;
using ReferralService.Ops.Reading;

namespace ReferralService.Ops.Acts;

/// <summary>The forms of a referral's page that change it: the same decisions as over the API, answered by a redirect with what came of it.</summary>
internal sealed class ReferralActs(ReferralRequests requests, ReferralBook book, TimeProvider time)
{
    public Task<IResult> RetryAsync(HttpContext context)
        => DecideAsync(context, OperatorActs.Retry, (id, form) => requests.Retry(id, form["recipient"] is [{ Length: > 0 } recipient] ? recipient : null, time.GetUtcNow()));

    public Task<IResult> CancelAsync(HttpContext context)
        => DecideAsync(context, OperatorActs.Cancel, (id, _) => ReferralRequests.Cancel(id, time.GetUtcNow()));

    private async Task<IResult> DecideAsync(HttpContext context, string action, Func<ReferralId, IFormCollection, RequestPlan> read)
    {
        if (!Guid.TryParseExact((string?)context.Request.RouteValues["id"], "D", out var guid))
        {
            return RefusalPage.Of(context, ReferralReads.NoReferral);
        }

        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var plan = read(new ReferralId(guid), form);
        var act = ByHand.Act(context, action, time.GetUtcNow());
        var answer = await book.DecideAsync(plan.Scope, plan.Decide, answer => plan.Recorded(act, answer) with { Referral = new ReferralId(guid) }, context.RequestAborted);
        var back = BackOf(form) ?? $"/referrals/{guid:D}";
        return answer switch
        {
            RequestAnswer.Refused { Code: Contracts.ReasonCodes.NotFound } => RefusalPage.Of(context, ReferralReads.NoReferral),
            RequestAnswer.Refused refused => Page.SeeOther(Notice.RefusedAt(back, refused.Code)),
            _ => Page.SeeOther(Notice.DoneAt(back, action)),
        };
    }

    /// <summary>The page the form stood on, if it says so and it is one of ours.</summary>
    private static string? BackOf(IFormCollection form)
        => form["back"] is [{ Length: > 0 } back] && LocalPath.Check(back) == back ? back : null;
}
