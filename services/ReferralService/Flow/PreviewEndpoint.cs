using ReferralService.Contracts;
using ReferralService.Fhir.Errors;
using ReferralService.Intake;
using ReferralService.Intake.Access;
using ReferralService.Intake.Answers;
using ReferralService.Intake.Requests;
using ReferralService.Intake.Settings;
using ReferralService.Ledger;
using ReferralService.Packaging;

namespace ReferralService.Flow;

/// <summary><c>POST /api/referrals/preview</c>: the manifest that would be sent. Nothing is sent, and nothing stored but that it was looked at.</summary>
internal sealed class PreviewEndpoint(EhrRegistry ehrs, KnownRecipients recipients, PackagePreview preview, OperatorActions actions, TimeProvider time)
{
    private const string Route = "/api/referrals/preview";
    private const long MaxBodyBytes = 64 << 10;

    public static void Map(WebApplication app)
    {
        app.MapPost(Route, context => context.RequestServices.GetRequiredService<PreviewEndpoint>().AnswerAsync(context));

        // Else /api/referrals/{id} would take it for a referral's id.
        app.MapMethods(Route, [HttpMethods.Get, HttpMethods.Head], context => RefusalAnswer.WriteAsync(context, Refusal.MethodNotAllowed with { Header = ("Allow", HttpMethods.Post) }));
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var aborted = context.RequestAborted;
        var (body, refusal) = await RequestBody.ReadAsync(context.Request, MaxBodyBytes, aborted);
        refusal ??= RequestBody.CheckType(context.Request, body.Length, fhir: false);
        PreviewOutcome? outcome = null;
        if (refusal is null)
        {
            (outcome, refusal) = await ShowAsync(context, body, aborted);
        }

        switch (outcome)
        {
            case PreviewOutcome.Shown shown:
                context.Response.ContentType = "application/json";
                context.Response.Headers.CacheControl = "no-store";
                await PackageManifestJson.WriteAsync(context.Response.Body, shown.Manifest, aborted);
                return;
            case PreviewOutcome.Refused refused:
                refusal = new Refusal(refused.Later ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status409Conflict, refused.Code, "processing", Told(refused))
                {
                    Path = refused.Path,
                    Missing = refused.Missing,
                };
                break;
        }

        await RefusalAnswer.WriteAsync(context, refusal!);
    }

    /// <summary>A held referral's text points to a preview; this is one.</summary>
    private static string Told(PreviewOutcome.Refused refused)
        => refused.Missing.Count == 0 ? refused.Message : $"The record lacks {refused.Missing.Count} of the items that its plans must have before it is sent: those in missing.";

    private async Task<(PreviewOutcome? Outcome, Refusal? Refusal)> ShowAsync(HttpContext context, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<string, string> fields;
        try
        {
            fields = JsonFields.Read(body, "ehr", "serviceRequest", "recipient");
        }
        catch (FhirFormatException e)
        {
            return (null, e.Code == FormatCode.ElementShape ? Refusal.BadRequest(e.IssueType, e.Message, e.Path) : Refusal.Unreadable(e.Message));
        }

        if (!fields.TryGetValue("ehr", out var name) || !fields.TryGetValue("serviceRequest", out var order))
        {
            return (null, Refusal.BadRequest("required", "ehr and serviceRequest are needed: {\"ehr\",\"serviceRequest\",\"recipient\"?}."));
        }

        if (ehrs.Find(name) is not { } ehr)
        {
            return (null, new Refusal(StatusCodes.Status404NotFound, ReasonCodes.EhrUnknown, "not-found", "No EHR of this name is configured under Ehrs."));
        }

        if (OrderReference.ReadAsked(order, ehr.BaseUrl) is not { Id: var orderId })
        {
            return (null, Refusal.BadRequest("value", "serviceRequest must be ServiceRequest/{id}, an id, or the order's absolute URL at this EHR."));
        }

        var recipient = fields.GetValueOrDefault("recipient");
        if (recipient is not null && !recipients.Contains(recipient))
        {
            return (null, new Refusal(StatusCodes.Status400BadRequest, ReasonCodes.RecipientUnknown, "not-found", "No recipient of this name is configured under Recipients."));
        }

        var outcome = await preview.ShowAsync(ehr.BaseUrl, ehr.Name, orderId, recipient, cancellationToken);
        var act = ByHand.Act(context, OperatorActs.Preview, time.GetUtcNow()) with { Referral = ReferralId.Create(ehr.BaseUrl, orderId, recipient) };
        await actions.AppendAsync(outcome is PreviewOutcome.Refused refused ? act with { Outcome = refused.Code } : act, cancellationToken);
        return (outcome, null);
    }
}
