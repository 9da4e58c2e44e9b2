using ReferralService.Contracts;
using ReferralService.Fhir.Errors;
using ReferralService.Intake.Access;
using ReferralService.Intake.Answers;
using ReferralService.Ledger;

namespace ReferralService.Intake.Requests;

/// <summary>Submit, retry and cancel over REST.</summary>
internal sealed class ReferralEndpoints(ReferralRequests requests, ReferralBook book, TimeProvider time)
{
    private const long MaxBodyBytes = 64 << 10;

    public static void Map(WebApplication app)
    {
        var endpoints = app.Services.GetRequiredService<ReferralEndpoints>();
        app.MapPost("/api/referrals", (HttpContext context) => endpoints.AnswerAsync(context, OperatorActs.Submit, endpoints.Submit, bodyRequired: true));
        app.MapPost("/api/referrals/{id}/retry", (HttpContext context, string id) => endpoints.AnswerAsync(context, OperatorActs.Retry, body => endpoints.Retry(id, body), bodyRequired: false));
        app.MapPost("/api/referrals/{id}/cancel", (HttpContext context, string id) => endpoints.AnswerAsync(context, OperatorActs.Cancel, body => endpoints.Cancel(id, body), bodyRequired: false));
    }

    private RequestPlan Submit(ReadOnlyMemory<byte> body)
    {
        var fields = JsonFields.Read(body, "ehr", "serviceRequest", "recipient");
        return requests.Submit(
            Required(fields, "ehr"), Required(fields, "serviceRequest"), fields.GetValueOrDefault("recipient"), Spans.Parent, time.GetUtcNow());
    }

    private RequestPlan Retry(string id, ReadOnlyMemory<byte> body)
    {
        var recipient = body.IsEmpty ? null : JsonFields.Read(body, "recipient").GetValueOrDefault("recipient");
        return Guid.TryParseExact(id, "D", out var guid) ? requests.Retry(new ReferralId(guid), recipient, time.GetUtcNow()) : NoSuchReferral();
    }

    private RequestPlan Cancel(string id, ReadOnlyMemory<byte> body)
    {
        if (!body.IsEmpty) JsonFields.Read(body);
        return Guid.TryParseExact(id, "D", out var guid) ? ReferralRequests.Cancel(new ReferralId(guid), time.GetUtcNow()) : NoSuchReferral();
    }

    private async Task AnswerAsync(HttpContext context, string action, Func<ReadOnlyMemory<byte>, RequestPlan> read, bool bodyRequired)
    {
        var aborted = context.RequestAborted;
        var (plan, refusal) = await PlanAsync(context.Request, read, bodyRequired, aborted);
        var act = ByHand.Act(context, action, time.GetUtcNow());
        switch (plan is null ? null : await book.DecideAsync(plan.Scope, plan.Decide, answer => plan.Recorded(act, answer), aborted))
        {
            case RequestAnswer.Accepted accepted:
                context.Response.StatusCode = StatusCodes.Status202Accepted;
                // Relative, so that no stranger's Host header finds its way into an answer.
                context.Response.Headers.Location = $"/api/referrals/{accepted.Id}";
                await context.Response.WriteAsJsonAsync(new { id = accepted.Id.ToString(), state = accepted.State.Name() }, aborted);
                return;
            case RequestAnswer.Refused refused:
                refusal = new Refusal(StatusOf(refused.Code), refused.Code, "business-rule", refused.Message);
                break;
        }

        await RefusalAnswer.WriteAsync(context, refusal!);
    }

    private static async Task<(RequestPlan? Plan, Refusal? Refusal)> PlanAsync(
        HttpRequest request, Func<ReadOnlyMemory<byte>, RequestPlan> read, bool bodyRequired, CancellationToken cancellationToken)
    {
        var (body, refusal) = await RequestBody.ReadAsync(request, MaxBodyBytes, cancellationToken);
        refusal ??= RequestBody.CheckType(request, body.Length, fhir: false);
        if (refusal is null && bodyRequired && body.IsEmpty)
            refusal = Refusal.BadRequest("required", "A JSON body is needed: {\"ehr\",\"serviceRequest\",\"recipient\"?}.");
        if (refusal is not null) return (null, refusal);
        try
        {
            return (read(body), null);
        }
        catch (FhirFormatException e)
        {
            return (null, e.Code == FormatCode.ElementShape ? Refusal.BadRequest(e.IssueType, e.Message, e.Path) : Refusal.Unreadable(e.Message));
        }
    }

    /// <summary>What the request got wrong is 400 or 404; what the referral's state forbids is 409.</summary>
    private static int StatusOf(string code) => code switch
    {
        ReasonCodes.NotFound or ReasonCodes.EhrUnknown => StatusCodes.Status404NotFound,
        ReasonCodes.BadRequest or ReasonCodes.RecipientUnknown => StatusCodes.Status400BadRequest,
        _ => StatusCodes.Status409Conflict,
    };

    private static string Required(IReadOnlyDictionary<string, string> fields, string name)
        => fields.TryGetValue(name, out var text) ? text : throw new FhirFormatException(FormatCode.ElementShape, "required", name, $"{name} is missing.");

    private static RequestPlan NoSuchReferral() => RequestPlan.Refuse(ReasonCodes.NotFound, "There is no referral with this id.");
}
