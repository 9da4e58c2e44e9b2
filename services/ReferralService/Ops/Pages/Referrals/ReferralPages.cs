using ReferralService.Contracts;
using ReferralService.Intake;
using ReferralService.Intake.Access;
using ReferralService.Intake.Requests;
using ReferralService.Ledger;
using ReferralService.Ops.Pages.Parts;
using ReferralService.Ops.Reading;
using ReferralService.RecipientDirectory;

namespace ReferralService.Ops.Pages.Referrals;

/// <summary><c>/referrals/{id}</c>, and the form on it that sends the order to another recipient.</summary>
internal sealed class ReferralPages(
    ReferralBook book, NoticeBook notices, PartnerPauses pauses, EhrRegistry ehrs, RecipientRegistry recipients, ReferralRequests requests, OperatorActions actions, TimeProvider clock)
{
    public async Task<IResult> ShowAsync(HttpContext context)
        => await FindAsync(context) is { } row ? Page.Of<ReferralPage>(nameof(ReferralPage.View), await ViewAsync(context, row)) : RefusalPage.Of(context, ReferralReads.NoReferral);

    /// <summary><c>POST /referrals/{id}/forward</c>: the same as <c>POST /api/referrals</c> of its order with a recipient.</summary>
    public async Task<IResult> ForwardAsync(HttpContext context)
    {
        if (await FindAsync(context) is not { } row)
        {
            return RefusalPage.Of(context, ReferralReads.NoReferral);
        }

        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        if (form["recipient"] is not [{ Length: > 0 } recipient])
        {
            return Faulty(await ViewAsync(context, row), "Choose the recipient it is to be sent to.", StatusCodes.Status400BadRequest);
        }

        var now = clock.GetUtcNow();
        var plan = requests.Submit(row.Ehr, $"ServiceRequest/{row.OrderId}", recipient, Spans.Parent, now);
        var act = ByHand.Act(context, OperatorActs.Submit, now);
        return await book.DecideAsync(plan.Scope, plan.Decide, answer => plan.Recorded(act, answer), context.RequestAborted) switch
        {
            RequestAnswer.Accepted accepted => Page.SeeOther($"/referrals/{accepted.Id}"),
            RequestAnswer.Refused refused => Faulty(await ViewAsync(context, row), refused.Message, refused.Code == ReasonCodes.RecipientUnknown ? StatusCodes.Status400BadRequest : StatusCodes.Status409Conflict),
            _ => throw new InvalidOperationException("An answer is one of two."),
        };
    }

    private static IResult Faulty(ReferralView view, string fault, int status) => Page.Of<ReferralPage>(nameof(ReferralPage.View), view with { Fault = fault }, status);

    private async Task<Referral?> FindAsync(HttpContext context)
        => Guid.TryParseExact((string?)context.Request.RouteValues["id"], "D", out var id) ? await book.FindAsync(new ReferralId(id), context.RequestAborted) : null;

    private async Task<ReferralView> ViewAsync(HttpContext context, Referral row)
    {
        var cancelled = context.RequestAborted;
        var lines = await book.TimelineAsync(row.Id, cancelled);
        var ofTheOrder = await book.ListAsync(new ReferralQuery { Ehr = row.Ehr, Search = new ReferralSearch { OrderId = row.OrderId } }, cancelled);
        var paused = await pauses.AllAsync(cancelled);
        var role = Caller.Of(context)?.Role;
        return new ReferralView
        {
            Line = ReferralLine.Of(row, paused),
            Number = row.Number,
            Acts = [.. (await actions.ListAsync(new() { Referral = row.Id, Limit = 20 }, cancelled)).Select(act => HandAct.Of(act, role >= ApiRole.Privacy))],
            State = row.State.Name(),
            Message = row.ErrorMessage,
            Issue = lines.LastOrDefault(line => line.ErrorCode is not null && line.ErrorCode == row.ErrorCode)?.Detail?.GetValueOrDefault("issue"),
            Late = row.State.IsResting() ? null : Lateness.Of(lines, row.ErrorCode),
            CancelPending = row.CancelCause is not null && !row.State.IsResting(),
            Deadline = row.State.IsResting() ? null : row.DeliveryDeadline ?? row.GatherDeadline,
            Package = row is { PackageId: { } package, PackageForm: { } form, PackageDigest: { } digest }
                ? new(package, row.PackageVersion, form.ToString(), digest, row.PackageBytes, row.PackageEntries, row.PackagePurgedAt)
                : null,
            HeardBy = Say(await notices.HeardByAsync(row.Ehr, row.OrderId, cancelled)),
            TraceId = Spans.TraceId(row.TraceParent),
            Steps = ReferralSteps.Of(lines),
            Contents = row.PackageId is null ? null : ReferralSteps.Contents(lines),
            Offers = ReferralOffers.Of(row, recipients.All.Select(recipient => recipient.Name), clock.GetUtcNow()),
            Siblings = [.. ofTheOrder.Where(other => other.Id != row.Id).Select(other => ReferralLine.Of(other, paused))],
            MayAct = role >= ApiRole.Operator && ehrs.Find(row.Ehr) is not null,
            MayReveal = role >= ApiRole.Privacy,
        };
    }

    private static string? Say(NoticeSource? source) => source switch
    {
        NoticeSource.Hook => "the EHR's call (Subscription or POST)",
        NoticeSource.Topic => "the EHR's topic notification",
        NoticeSource.Poll => "a sweep of the EHR's orders",
        NoticeSource.Reread => "reading the open orders again",
        _ => null,
    };
}
