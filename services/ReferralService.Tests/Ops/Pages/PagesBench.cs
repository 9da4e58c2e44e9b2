using System.Net;
using Microsoft.AspNetCore.Builder;
using ReferralService.Contracts;
using ReferralService.Intake.Access;
using ReferralService.Ledger;
using ReferralService.Ledger.Transitions;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Ops.Pages;

/// <summary>The pages over real HTTP on a real ledger, as a caller of some role sees them.</summary>
internal static class PagesBench
{
    public static Task<OpsHost> StartAsync(ApiRole role = ApiRole.Privacy)
        => OpsHost.StartAsync(extend: app => app.Use((context, next) =>
        {
            context.Features.Set(new Caller("tester", role));
            return next(context);
        }));

    public static async Task<(HttpStatusCode Status, string Html)> PageAsync(this OpsHost host, string path)
    {
        using var answer = await host.Http.GetAsync(new Uri(path, UriKind.Relative));
        Assert.That(answer.Content.Headers.ContentType?.MediaType, Is.EqualTo("text/html"), path);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    public static async Task<Referral> HeldAsync(this OpsHost host, string order, string code = ReasonCodes.RecipientUnknown)
    {
        var begun = await host.Ledger.BegunAsync(await host.Ledger.ReceivedAsync(order));
        return await host.Ledger.StepAsync(begun, row => StepTransitions.Held(row, code, "No recipient matches.", host.Clock.GetUtcNow()));
    }

    public static async Task<Referral> DeliveredAsync(this OpsHost host, string order)
    {
        var begun = await host.Ledger.BegunAsync(await host.Ledger.PackagedAsync(order));
        return await host.Ledger.StepAsync(begun, row => StepTransitions.Delivered(row, new Dictionary<string, string> { ["status"] = "201" }, host.Clock.GetUtcNow()));
    }

    public static async Task<Referral> PutOffAsync(this OpsHost host, string order)
    {
        var begun = await host.Ledger.BegunAsync(await host.Ledger.ReceivedAsync(order));
        var now = host.Clock.GetUtcNow();
        return await host.Ledger.StepAsync(begun, row => StepTransitions.GatherDeferred(row, ReasonCodes.EhrUnreachable, now.AddMinutes(7), now.AddDays(1), now));
    }
}
