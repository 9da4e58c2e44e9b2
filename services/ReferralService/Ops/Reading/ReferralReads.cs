using ReferralService.Contracts;
using ReferralService.Intake.Answers;
using ReferralService.Ledger;

namespace ReferralService.Ops.Reading;

/// <summary><c>GET /api/referrals</c> and <c>/api/referrals/{id}</c>.</summary>
internal sealed class ReferralReads(ReferralBook book, SearchText search)
{
    private static readonly Refusal BadId = Refusal.BadRequest("value", "A referral's id is a UUID, as in the answer to its submission.");

    public static readonly Refusal NoReferral = new(
        StatusCodes.Status404NotFound, ReasonCodes.NotFound, "not-found", "There is no referral of this id. GET /api/referrals lists them.");

    public async Task ListAsync(HttpContext context)
    {
        var (query, fault) = ListFilters.Read(context.Request.Query, search);
        if (query is null)
        {
            await RefusalAnswer.WriteAsync(context, Refusal.BadRequest("value", fault!));
            return;
        }

        var rows = await book.ListAsync(query, context.RequestAborted);
        var next = rows.Length == query.Limit ? ListCursor.Write(rows[^1].Number) : null;
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.WriteAsJsonAsync(
            new ReferralPage([.. rows.Select(ReferralShape.Summary)], next), OpsJson.Default.ReferralPage, cancellationToken: context.RequestAborted);
    }

    public async Task ShowAsync(HttpContext context)
    {
        if (await FindAsync(context, book) is not { } row)
        {
            return;
        }

        var timeline = await book.TimelineAsync(row.Id, context.RequestAborted);
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.WriteAsJsonAsync(ReferralShape.Detail(row, timeline), OpsJson.Default.ReferralDetail, cancellationToken: context.RequestAborted);
    }

    /// <summary>The referral that the route names, or null once the caller has been answered 400 or 404.</summary>
    public static async Task<Referral?> FindAsync(HttpContext context, ReferralBook book)
    {
        if (!Guid.TryParseExact((string?)context.Request.RouteValues["id"], "D", out var id))
        {
            await RefusalAnswer.WriteAsync(context, BadId);
            return null;
        }

        var row = await book.FindAsync(new ReferralId(id), context.RequestAborted);
        if (row is null)
        {
            await RefusalAnswer.WriteAsync(context, NoReferral);
        }

        return row;
    }
}
