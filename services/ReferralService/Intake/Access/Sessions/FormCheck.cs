using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.Features;
using ReferralService.Intake.Answers;

namespace ReferralService.Intake.Access.Sessions;

/// <summary>Lets a form pass only when a page of ours made it for this session: every address of a page, whatever is mapped there.</summary>
internal sealed class FormCheck(RequestDelegate next, IAntiforgery antiforgery)
{
    private const long MaxFormBytes = 1 << 20;

    private static readonly Refusal Foreign = Refusal.Forbidden("This form was sent by another site's page. Open the page here and send it from there.");

    private static readonly Refusal Stale = Refusal.BadRequest(
        "invalid", "This form is not of your present session: you signed in anew since, or your browser keeps no cookies for this address. Nothing was done. Load the page again and send it from there; behind a proxy open it at PublicUrl.");

    public async Task InvokeAsync(HttpContext context)
    {
        if (IsSafe(context.Request.Method) || !PageAddress.IsMeant(context.Request))
        {
            await next(context);
            return;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = MaxFormBytes;
        if (await RefuseAsync(context) is { } refusal) await RefusalAnswer.WriteAsync(context, refusal);
        else await next(context);
    }

    public static bool IsSafe(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method);

    private async Task<Refusal?> RefuseAsync(HttpContext context)
    {
        // "none": the person did it, by no page at all (a form sent again).
        if (context.Request.Headers.TryGetValue("Sec-Fetch-Site", out var site) && site.ToString() is not ("same-origin" or "none")) return Foreign;
        try
        {
            // Here, so that one that is too long or too slow is told as that.
            if (context.Request.HasFormContentType) await context.Request.ReadFormAsync(context.RequestAborted);
            await antiforgery.ValidateRequestAsync(context);
            return null;
        }
        catch (AntiforgeryValidationException)
        {
            return Stale;
        }
        catch (InvalidDataException)
        {
            return Refusal.Unreadable("This form cannot be read: it is broken, or has more fields than any page of ours.");
        }
    }
}
