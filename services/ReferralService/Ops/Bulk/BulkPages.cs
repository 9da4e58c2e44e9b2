using System.Globalization;
using ReferralService.Intake.Answers;
using ReferralService.Ops.Acts;
using ReferralService.Ops.Pages;
using ReferralService.Ops.Pages.Bulk;
using ReferralService.Ops.Reading;

namespace ReferralService.Ops.Bulk;

/// <summary>The forms and the page of acts on many: a preview that freezes the list, the page that shows it, begins it, and shows how it goes.</summary>
internal sealed class BulkPages(BulkFreezing freezing, BulkReads reads, BulkEndpoints endpoints, SearchText search)
{
    /// <summary>More than so many are not begun by one click: their number has to be typed.</summary>
    public const int WithoutTyping = 20;

    private static readonly Refusal NoSuch = Refusal.NotFound with { Message = "There is no act on many at this address: previews and what became of them are kept for 30 days." };

    public async Task<IResult> PreviewAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var (wish, fault) = BulkWish.Read(form, search);
        var (token, refusal) = wish is null ? (null, Refusal.BadRequest("invalid", fault!)) : await freezing.FreezeAsync(context, wish);
        return token is null ? RefusalPage.Of(context, refusal!) : Page.SeeOther($"/bulk/{token:D}");
    }

    public Task<IResult> ShowAsync(HttpContext context)
        => BulkEndpoints.TokenOf(context) is { } token ? ShowAsync(context, token, fault: null) : Task.FromResult(RefusalPage.Of(context, NoSuch));

    public async Task<IResult> RunAsync(HttpContext context)
    {
        if (BulkEndpoints.TokenOf(context) is not { } token || await reads.FindAsync(token, int.MaxValue, context.RequestAborted) is not { } answer)
        {
            return RefusalPage.Of(context, NoSuch);
        }

        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        if (answer is { State: "previewed", Preview: { } preview } && answer.Total > WithoutTyping && !Says(form["confirm"], answer.Total))
        {
            return await ShowAsync(context, token, $"Type {answer.Total}, the number of referrals in the list, to begin. {preview.WillDo} of them will be acted on.");
        }

        return await endpoints.BeginAsync(context, token) is { } refusal
            ? refusal.Status == StatusCodes.Status404NotFound ? RefusalPage.Of(context, refusal) : Page.SeeOther(Notice.RefusedAt($"/bulk/{token:D}", refusal.Code))
            : Page.SeeOther($"/bulk/{token:D}");
    }

    public async Task<IResult> StopAsync(HttpContext context)
        => BulkEndpoints.TokenOf(context) is { } token && await endpoints.CallOffAsync(context, token) is { } stopped
            ? Page.SeeOther(Notice.DoneAt($"/bulk/{token:D}", stopped ? "bulk-stop" : "bulk-over"))
            : RefusalPage.Of(context, NoSuch);

    private async Task<IResult> ShowAsync(HttpContext context, Guid token, string? fault)
    {
        var after = context.Request.Query["after"] is [{ } text] && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var position) ? position : -1;
        return await reads.FindAsync(token, after, context.RequestAborted) is { } answer
            ? Page.Of<BulkPage>(
                new Dictionary<string, object?> { [nameof(BulkPage.Bulk)] = answer, [nameof(BulkPage.Fault)] = fault, [nameof(BulkPage.IsFirst)] = after < 0 },
                fault is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest)
            : RefusalPage.Of(context, NoSuch);
    }

    private static bool Says(string? typed, int number)
        => int.TryParse(typed?.Trim(), NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var given) && given == number;
}
