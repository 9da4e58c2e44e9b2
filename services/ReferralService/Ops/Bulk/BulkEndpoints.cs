using System.Globalization;
using ReferralService.Contracts;
using ReferralService.Intake.Access;
using ReferralService.Intake.Answers;
using ReferralService.Ledger;
using ReferralService.Ops.Reading;

namespace ReferralService.Ops.Bulk;

/// <summary><c>/api/bulk</c>: a preview that freezes the list and gives the token, then run, cancel and look.</summary>
internal sealed class BulkEndpoints(BulkFreezing freezing, BulkReads reads, BulkBook bulks, BulkRunner runner, SearchText search, TimeProvider time)
{
    private const int MaxBodyBytes = 1 << 20;

    private static readonly Refusal NoSuch = Refusal.NotFound with { Message = "There is no act on many of this token: previews and what became of them are kept for 30 days." };

    public static readonly Refusal NotAnyMore = new(
        StatusCodes.Status409Conflict, ReasonCodes.AlreadyCancelled, "business-rule", "It was called off; what was left of it needs a preview of its own.");

    public static void Map(WebApplication app)
    {
        app.MapPost("/api/bulk", context => Of(context).PreviewAsync(context));
        app.MapPost("/api/bulk/{token}/run", context => Of(context).RunAsync(context));
        app.MapPost("/api/bulk/{token}/cancel", context => Of(context).StopAsync(context));
        app.MapMethods("/api/bulk/{token}", [HttpMethods.Get, HttpMethods.Head], context => Of(context).ShowAsync(context));

        static BulkEndpoints Of(HttpContext context) => context.RequestServices.GetRequiredService<BulkEndpoints>();
    }

    /// <summary>Begins it if that is still to be done. A second call, or one while it runs, is the same act.</summary>
    /// <returns>Null: it runs or is done; else why it does not.</returns>
    public async Task<Refusal?> BeginAsync(HttpContext context, Guid token)
    {
        if (await bulks.FindAsync(token, context.RequestAborted) is not { } action)
        {
            return NoSuch;
        }

        var act = ByHand.Act(context, action.Act, time.GetUtcNow()) with { Bulk = token };
        if (await bulks.StartAsync(token, act, context.RequestAborted))
        {
            runner.Wake();
            return null;
        }

        return (await bulks.FindAsync(token, context.RequestAborted))?.State == BulkState.Stopped ? NotAnyMore : null;
    }

    /// <summary>Calls off what had no turn yet.</summary>
    /// <returns>Whether anything was left to call off; null: there is no such act.</returns>
    public async Task<bool?> CallOffAsync(HttpContext context, Guid token)
    {
        var stopped = await bulks.StopAsync(token, ByHand.Act(context, OperatorActs.BulkStop, time.GetUtcNow()) with { Bulk = token }, context.RequestAborted);
        return stopped || await bulks.FindAsync(token, context.RequestAborted) is not null ? stopped : null;
    }

    public static Guid? TokenOf(HttpContext context) => Guid.TryParseExact((string?)context.Request.RouteValues["token"], "D", out var token) ? token : null;

    private async Task PreviewAsync(HttpContext context)
    {
        var (body, refusal) = await RequestBody.ReadAsync(context.Request, MaxBodyBytes, context.RequestAborted);
        refusal ??= RequestBody.CheckType(context.Request, body.Length, fhir: false);
        Guid? token = null;
        if (refusal is null)
        {
            var (wish, fault) = BulkWish.Read(body, search);
            (token, refusal) = wish is null ? (null, Refusal.BadRequest("invalid", fault!)) : await freezing.FreezeAsync(context, wish);
        }

        if (token is null)
        {
            await RefusalAnswer.WriteAsync(context, refusal!);
            return;
        }

        context.Response.Headers.Location = $"/api/bulk/{token:D}";
        await TellAsync(context, token.Value, StatusCodes.Status201Created);
    }

    private Task RunAsync(HttpContext context) => ChangeAsync(context, BeginAsync);

    private Task StopAsync(HttpContext context) => ChangeAsync(context, async (call, token) => await CallOffAsync(call, token) is null ? NoSuch : null);

    private async Task ChangeAsync(HttpContext context, Func<HttpContext, Guid, Task<Refusal?>> change)
    {
        var (body, refusal) = await RequestBody.ReadAsync(context.Request, MaxBodyBytes, context.RequestAborted);
        refusal ??= body.IsEmpty || body.Span.SequenceEqual("{}"u8) ? null : Refusal.BadRequest("not-supported", "No body is taken here, or {}.");
        refusal ??= TokenOf(context) is { } token ? await change(context, token) : NoSuch;
        await (refusal is null ? TellAsync(context, TokenOf(context)!.Value, StatusCodes.Status202Accepted) : RefusalAnswer.WriteAsync(context, refusal));
    }

    private Task ShowAsync(HttpContext context)
        => TokenOf(context) is { } token ? TellAsync(context, token, StatusCodes.Status200OK) : RefusalAnswer.WriteAsync(context, NoSuch);

    private async Task TellAsync(HttpContext context, Guid token, int status)
    {
        var after = context.Request.Query["after"] is [{ } text] && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var position) ? position : -1;
        if (await reads.FindAsync(token, after, context.RequestAborted) is not { } answer)
        {
            await RefusalAnswer.WriteAsync(context, NoSuch);
            return;
        }

        context.Response.StatusCode = status;
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.WriteAsJsonAsync(answer, OpsJson.Default.BulkAnswer, cancellationToken: context.RequestAborted);
    }
}
