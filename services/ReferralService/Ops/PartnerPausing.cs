using ReferralService.Contracts;
using ReferralService.Fhir.Errors;
using ReferralService.Intake;
using ReferralService.Intake.Access;
using ReferralService.Intake.Answers;
using ReferralService.Intake.Requests;
using ReferralService.Ledger;
using ReferralService.Ops.Reading;
using ReferralService.RecipientDirectory;

namespace ReferralService.Ops;

/// <summary><c>POST /api/partners/{name}/pause</c> and <c>/resume</c>, with <c>?kind=</c> where an EHR and a recipient have the name. Whatever else is sent is refused: it may be somebody's wish.</summary>
/// <remarks>Who is paused is a partner here even when the settings do not name it any more: else nobody could let go on what waits for it.</remarks>
internal sealed partial class PartnerPausing(EhrRegistry ehrs, RecipientRegistry recipients, PartnerPauses pauses, TimeProvider time, ILogger<PartnerPausing> log)
{
    private const int MaxBodyBytes = 64 << 10;

    private static readonly Refusal UnknownQuery = Refusal.BadRequest("not-supported", "The query may have kind alone, once: ?kind=ehr or ?kind=recipient.");

    private static readonly Refusal UnknownKind = Refusal.BadRequest("value", "kind must be ehr or recipient.");

    private static readonly Refusal UnknownBody = Refusal.BadRequest("not-supported", "No body is taken here, or {}; where an EHR and a recipient have the name, the query says which: ?kind=ehr or ?kind=recipient.");

    private static readonly Refusal NotJson = Refusal.Unreadable("The body is not JSON. None is needed here.");

    private static readonly Refusal Ambiguous = new(
        StatusCodes.Status400BadRequest, ReasonCodes.PartnerAmbiguous, "multiple-matches", "An EHR and a recipient have this name; say which: ?kind=ehr or ?kind=recipient.");

    private static readonly Refusal UnknownPartner = Refusal.NotFound with { Message = "No partner of this name and kind is configured, or paused. GET /api/partners lists them." };

    public static void Map(WebApplication app)
    {
        var endpoint = app.Services.GetRequiredService<PartnerPausing>();
        app.MapPost("/api/partners/{name}/pause", (HttpContext context, string name) => endpoint.AnswerAsync(context, name, paused: true));
        app.MapPost("/api/partners/{name}/resume", (HttpContext context, string name) => endpoint.AnswerAsync(context, name, paused: false));
    }

    private async Task AnswerAsync(HttpContext context, string name, bool paused)
    {
        var (kind, refusal) = await MeantAsync(context.Request.Query, name, context.RequestAborted);
        refusal ??= await CheckBodyAsync(context);
        if (refusal is not null)
        {
            await RefusalAnswer.WriteAsync(context, refusal);
            return;
        }

        await SetAsync(context, $"{kind}:{name}", paused);
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.WriteAsJsonAsync(new PartnerPaused(name, [kind!], paused), OpsJson.Default.PartnerPaused, cancellationToken: context.RequestAborted);
    }

    /// <summary>Done, and recorded as the caller's.</summary>
    /// <param name="partner"><c>ehr:{name}</c> or <c>recipient:{name}</c>, configured or paused.</param>
    public async Task SetAsync(HttpContext context, string partner, bool paused)
    {
        var act = ByHand.Act(context, paused ? OperatorActs.Pause : OperatorActs.Resume, time.GetUtcNow()) with { Partner = partner };
        await (paused ? pauses.PauseAsync([partner], act, context.RequestAborted) : pauses.ResumeAsync([partner], act, context.RequestAborted));
        Log.Set(log, partner, paused ? "paused" : "resumed");
    }

    /// <summary>Null: there is such a partner, configured or paused.</summary>
    /// <param name="kind">ehr or recipient.</param>
    public async Task<Refusal?> RefuseAsync(string kind, string name, CancellationToken cancellationToken)
        => (kind == "ehr" && ehrs.Find(name) is not null) || (kind == "recipient" && recipients.Find(name) is not null)
            || (await pauses.AllAsync(cancellationToken)).ContainsKey($"{kind}:{name}")
            ? null
            : UnknownPartner;

    private async Task<(string? Kind, Refusal? Refusal)> MeantAsync(IQueryCollection query, string name, CancellationToken cancellationToken)
    {
        if (query.Any(parameter => parameter.Key != "kind" || parameter.Value.Count != 1))
        {
            return (null, UnknownQuery);
        }

        var paused = await pauses.AllAsync(cancellationToken);
        var isEhr = ehrs.Find(name) is not null || paused.ContainsKey($"ehr:{name}");
        var isRecipient = recipients.Find(name) is not null || paused.ContainsKey($"recipient:{name}");
        return (query.TryGetValue("kind", out var given) ? given.ToString() : null) switch
        {
            null when isEhr && isRecipient => (null, Ambiguous),
            null or "ehr" when isEhr => ("ehr", null),
            null or "recipient" when isRecipient => ("recipient", null),
            null or "ehr" or "recipient" => (null, UnknownPartner),
            _ => (null, UnknownKind),
        };
    }

    private static async Task<Refusal?> CheckBodyAsync(HttpContext context)
    {
        var (body, refusal) = await RequestBody.ReadAsync(context.Request, MaxBodyBytes, context.RequestAborted);
        refusal ??= RequestBody.CheckType(context.Request, body.Length, fhir: false);
        if (refusal is not null || body.IsEmpty)
        {
            return refusal;
        }

        try
        {
            JsonFields.Read(body);
            return null;
        }
        catch (FhirFormatException exception)
        {
            return exception.Code == FormatCode.ElementShape ? UnknownBody : NotJson;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(9101, LogLevel.Warning, "Partner {Partner} was {Done} by hand")]
        public static partial void Set(ILogger log, string partner, string done);
    }
}
