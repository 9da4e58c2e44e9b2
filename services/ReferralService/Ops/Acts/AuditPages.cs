using ReferralService.Intake.Access;
using ReferralService.Ledger;
using ReferralService.Ops.Pages;
using ReferralService.Ops.Pages.Acts;
using ReferralService.Ops.Pages.Parts;
using ReferralService.Ops.Reading;

namespace ReferralService.Ops.Acts;

/// <summary>Page <c>/audit</c>.</summary>
internal sealed class AuditPages(OperatorActions actions)
{
    public async Task<IResult> ShowAsync(HttpContext context)
    {
        var asked = context.Request.Query;
        var (query, fault) = ActionReads.Read(asked);
        var rows = query is null ? [] : await actions.ListAsync(query, context.RequestAborted);
        var filter = Filter(asked);
        return Page.Of<AuditPage>(new Dictionary<string, object?>
        {
            [nameof(AuditPage.Acts)] = rows.Select(row => HandAct.Of(row, Caller.MayReadRecords(context))).ToList(),
            [nameof(AuditPage.Actor)] = asked["actor"] is [{ Length: > 0 } actor] ? actor : null,
            [nameof(AuditPage.Referral)] = asked["referral"] is [{ Length: > 0 } referral] ? referral : null,
            [nameof(AuditPage.Fault)] = fault,
            [nameof(AuditPage.First)] = query?.Before is null ? null : $"/audit{QueryString.Create(filter)}",
            [nameof(AuditPage.Next)] = query is not null && ActionReads.Next(rows, query) is { } next ? $"/audit{QueryString.Create([.. filter, new("cursor", next)])}" : null,
        }, fault is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);
    }

    private static List<KeyValuePair<string, string?>> Filter(IQueryCollection asked)
        => [.. asked.Where(one => one.Key is "actor" or "referral" or "limit" && one.Value is [{ Length: > 0 }]).Select(one => KeyValuePair.Create(one.Key, (string?)one.Value))];
}
