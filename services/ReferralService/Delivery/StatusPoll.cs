using ReferralService.Contracts;
using ReferralService.Fhir.Client;
using ReferralService.Fhir.Errors;
using ReferralService.RecipientDirectory;

namespace ReferralService.Delivery;

/// <summary>Asks at the place a 202 named what became of the write (R4 async.html). What cannot be told there is Unknown: the probe asks.</summary>
internal static class StatusPoll
{
    public static async Task<DeliveryOutcome> AskAsync(
        RecipientConnection connection, DeliveryRoute route, SendablePackage package, string statusUrl, CancellationToken cancellationToken)
    {
        FhirWriteAnswer answer;
        try
        {
            answer = await connection.Reads.RunAsync((client, token) => client.PollAsync(statusUrl, token), cancellationToken);
        }
        catch (FhirRequestException e)
        {
            return OfFailure(e, route);
        }

        return answer.Status == 202
            ? new DeliveryOutcome.Working(answer.ContentLocation ?? statusUrl, answer.RetryAfter)
            : AcceptanceReading.OfResult(answer, route, package) ?? Untold(answer.Status);
    }

    /// <summary>A 400 or 422 with an OperationOutcome is the work's own failure. A server or gateway in trouble says nothing yet: while the work goes on, not to find the package proves nothing. Anything else: nothing can be told there.</summary>
    private static DeliveryOutcome OfFailure(FhirRequestException e, DeliveryRoute route) => (int?)e.Status switch
    {
        400 or 422 when e.Issues.Count > 0 => RefusalReading.OfStatus((int)e.Status!, e.Issues, e.RetryAfter, route),
        429 => new DeliveryOutcome.Unreachable(ReasonCodes.RecipientThrottled, 429, e.RetryAfter),
        503 => new DeliveryOutcome.Unreachable(ReasonCodes.RecipientBusy, 503, e.RetryAfter),
        408 or 425 or 502 or 504 => new DeliveryOutcome.Unreachable(ReasonCodes.RecipientUnreachable, (int)e.Status!, e.RetryAfter),
        500 when e.Issues.Count == 0 || e.Issues.Any(i => i.Code == "transient") => new DeliveryOutcome.Unreachable(ReasonCodes.RecipientUnreachable, 500, e.RetryAfter),
        >= 300 => Untold((int)e.Status!),
        _ when e.Code is RequestCode.ForeignOrigin or RequestCode.NotFhir or RequestCode.TooLarge => Untold((int?)e.Status),
        _ => new DeliveryOutcome.Unreachable(ReasonCodes.RecipientUnreachable, null, e.RetryAfter),
    };

    private static DeliveryOutcome.Unknown Untold(int? status) => new(ReasonCodes.OutcomeUnknown, status);
}
