using ReferralService.Contracts;
using ReferralService.Fhir.Errors;
using ReferralService.Fhir.Resources;
using ReferralService.Intake.Access;
using ReferralService.Intake.Answers;
using ReferralService.Intake.Settings;
using ReferralService.Ledger;

namespace ReferralService.Intake.Notifications;

/// <summary>The EHR's hooks. 202 is said only when the ledger has the hint.</summary>
internal sealed partial class NotificationEndpoints(
    EhrRegistry ehrs, NoticeBook notices, NotificationRate rate, CallRate strangers, IntakeOptions options, ILogger<NotificationEndpoints> logger)
{
    private const string DeletedHeader = "X-Medplum-Deleted-Resource";

    private static readonly Refusal EhrUnknown = new(
        StatusCodes.Status404NotFound, ReasonCodes.EhrUnknown, "not-found", "No EHR of this name is configured under Ehrs.");

    private static readonly Refusal WrongSecret = Refusal.Unauthorized(
        "Authorization must be Bearer and this EHR's NotificationSecret, or X-Signature the hexadecimal HMAC-SHA256 of the body under it.", "security");

    public static void Map(WebApplication app)
    {
        var endpoints = app.Services.GetRequiredService<NotificationEndpoints>();
        app.MapPost("/fhir/notify/{ehr}", (HttpContext context, string ehr)
            => endpoints.AnswerAsync(context, ehr, (body, from) => NotificationReader.ReadPost(body, from.BaseUrl, context.Request.Headers[DeletedHeader])));
        app.MapPut("/fhir/notify/{ehr}/{type}/{id}", (HttpContext context, string ehr, string type, string id)
            => endpoints.AnswerAsync(context, ehr, (body, _) => ReadNamed(type, id, () => NotificationReader.ReadPut(body, id))));
        // HAPI tells of a delete this way.
        app.MapDelete("/fhir/notify/{ehr}/{type}/{id}", (HttpContext context, string ehr, string type, string id)
            => endpoints.AnswerAsync(context, ehr, (_, _) => ReadNamed(type, id, () => Notification.Of(new OrderReference(id, null)))));
    }

    private static Notification ReadNamed(string type, string id, Func<Notification> read)
    {
        if (type != OrderReference.Type) throw new FhirFormatException(FormatCode.WrongType, "invalid", null, "This hook takes ServiceRequests only.");
        if (!ResourceTypes.IsId(id)) throw new FhirFormatException(FormatCode.ElementShape, "value", null, "The id in the address is none: 1 to 256 letters, digits, and - . _ ~");
        return read();
    }

    private async Task AnswerAsync(HttpContext context, string ehrName, Func<ReadOnlyMemory<byte>, EhrOptions, Notification> read)
    {
        var refusal = await RefuseAsync(context, ehrName, read);
        Measures.Notified(ehrs.Find(ehrName)?.Name ?? "unknown", refusal is null ? "accepted" : Measures.Reason(refusal.Code));
        if (refusal is not null)
        {
            Log.Refused(logger, ehrs.Find(ehrName)?.Name ?? "unknown", refusal.Status, refusal.Code);
            await RefusalAnswer.WriteAsync(context, refusal);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status202Accepted;
    }

    private async Task<Refusal?> RefuseAsync(HttpContext context, string ehrName, Func<ReadOnlyMemory<byte>, EhrOptions, Notification> read)
    {
        var (request, aborted) = (context.Request, context.RequestAborted);
        if (ehrs.Find(ehrName) is not { } ehr)
            return Stranger(context, EhrUnknown);

        if (ehr.NotificationSecret is not { } secret)
            return Stranger(context, Refusal.Unauthorized("This EHR has no NotificationSecret configured, so its notifications are not accepted.", "security"));
        bool known = HookSecret.IsBearer(request.Headers.Authorization, secret);
        string? signature = request.Headers["X-Signature"];
        if (!known && signature is null) return Stranger(context, WrongSecret);
        if (known && !rate.Take(ehr.Name)) return Refusal.TooManyRequests;

        var (body, tooLarge) = await RequestBody.ReadAsync(request, options.MaxNotificationBytes, aborted);
        if (tooLarge is not null) return tooLarge;
        if (!known)
        {
            if (!HookSecret.IsSignature(signature, body.Span, secret)) return Stranger(context, WrongSecret);
            if (!rate.Take(ehr.Name)) return Refusal.TooManyRequests;
        }

        if (RequestBody.CheckType(request, body.Length, fhir: true) is { } wrongType) return wrongType;
        Notification notification;
        try
        {
            notification = read(body, ehr);
        }
        catch (FhirFormatException e)
        {
            return ToRefusal(e);
        }

        var named = notification.Orders.Length > 0 ? notification.Orders[0].Id : null;
        FaultPoint.Hit("K01", named);
        await StoreAsync(ehr, notification, aborted);
        FaultPoint.Hit("K02", named);
        return null;
    }

    private async Task StoreAsync(EhrOptions ehr, Notification notification, CancellationToken cancellationToken)
    {
        var trace = Spans.Parent;
        await notices.RecordHookAsync(
            ehr.Name, [.. notification.Orders.Select(o => new NoticeHint(ehr.Name, o.Id, o.Version, notification.Source, trace))], notification.SweepDue,
            ehr.Subscribe == SubscribeMode.Off ? null : notification.News, cancellationToken);
        Log.Stored(logger, ehr.Name, notification.Source, notification.Orders.Length, notification.SweepDue);
    }

    /// <summary>Whoever shows no good secret uses up its address's share, never an EHR's.</summary>
    private Refusal Stranger(HttpContext context, Refusal refusal)
        => strangers.TakeOfPeer(context.Connection.RemoteIpAddress) ? refusal : Refusal.TooManyRequests;

    private static Refusal ToRefusal(FhirFormatException e) => e.Code switch
    {
        // No path: not even a JSON object, as brackets without end are not.
        FormatCode.NotAResource or FormatCode.WrongType
            => new Refusal(StatusCodes.Status400BadRequest, ReasonCodes.NotFhir, e.Path is null && e.Code == FormatCode.NotAResource ? "structure" : "invalid", e.Message) { Path = e.Path },
        FormatCode.ElementShape => Refusal.BadRequest(e.IssueType, e.Message, e.Path),
        _ => Refusal.Unreadable(e.Message, e.Path),
    };

    private static partial class Log
    {
        [LoggerMessage(1010, LogLevel.Information, "A notification of EHR {Ehr} was refused: {Status} {Code}.")]
        public static partial void Refused(ILogger logger, string ehr, int status, string code);

        [LoggerMessage(1011, LogLevel.Debug, "A notification of EHR {Ehr} is stored: {Source}, orders named: {Orders}, sweep due: {SweepDue}.")]
        public static partial void Stored(ILogger logger, string ehr, NoticeSource source, int orders, bool sweepDue);
    }
}
