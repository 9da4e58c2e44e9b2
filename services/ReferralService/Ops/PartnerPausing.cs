using ReferralService.Intake;
using ReferralService.Intake.Answers;
using ReferralService.Ledger;
using ReferralService.Ops.Reading;
using ReferralService.RecipientDirectory;

namespace ReferralService.Ops;

/// <summary><c>POST /api/partners/{name}/pause</c> and <c>/resume</c>: a name that is an EHR and a recipient means both, unless <c>?kind=</c> says which.</summary>
internal sealed partial class PartnerPausing(EhrRegistry ehrs, RecipientRegistry recipients, PartnerPauses pauses, ILogger<PartnerPausing> log)
{
    private static readonly Refusal UnknownKind = Refusal.BadRequest("value", "kind must be ehr or recipient; without it both are meant.");

    private static readonly Refusal UnknownPartner = Refusal.NotFound with { Message = "No partner of this name and kind is configured. GET /api/partners lists them." };

    public static void Map(WebApplication app)
    {
        var endpoint = app.Services.GetRequiredService<PartnerPausing>();
        app.MapPost("/api/partners/{name}/pause", (HttpContext context, string name) => endpoint.SetAsync(context, name, paused: true));
        app.MapPost("/api/partners/{name}/resume", (HttpContext context, string name) => endpoint.SetAsync(context, name, paused: false));
    }

    private async Task SetAsync(HttpContext context, string name, bool paused)
    {
        var kind = context.Request.Query["kind"].ToString();
        if (kind is not ("" or "ehr" or "recipient"))
        {
            await RefusalAnswer.WriteAsync(context, UnknownKind);
            return;
        }

        var partners = Meant(name, kind);
        if (partners.Count == 0)
        {
            await RefusalAnswer.WriteAsync(context, UnknownPartner);
            return;
        }

        await (paused ? pauses.PauseAsync(partners, context.RequestAborted) : pauses.ResumeAsync(partners, context.RequestAborted));
        foreach (var partner in partners)
        {
            Log.Set(log, partner, paused ? "paused" : "resumed");
        }

        context.Response.Headers.CacheControl = "no-store";
        await context.Response.WriteAsJsonAsync(new PartnerPaused(name, [.. partners.Select(partner => partner.Split(':')[0])], paused), OpsJson.Default.PartnerPaused, cancellationToken: context.RequestAborted);
    }

    private List<string> Meant(string name, string kind)
    {
        var meant = new List<string>();
        if (kind is "" or "ehr" && ehrs.Find(name) is not null)
        {
            meant.Add($"ehr:{name}");
        }

        if (kind is "" or "recipient" && recipients.Find(name) is not null)
        {
            meant.Add($"recipient:{name}");
        }

        return meant;
    }

    private static partial class Log
    {
        [LoggerMessage(9101, LogLevel.Warning, "Partner {Partner} was {Done} by hand")]
        public static partial void Set(ILogger log, string partner, string done);
    }
}
