using ReferralService.Contracts;
using ReferralService.Fhir.Errors;
using ReferralService.RecipientDirectory;

namespace ReferralService.Delivery;

/// <summary>What an answer that is no success, or no answer at all, says about one write. Pure: the table that decides whether a package may ever be sent again.</summary>
internal static class RefusalReading
{
    /// <param name="started">A byte of the body had left.</param>
    public static DeliveryOutcome Of(FhirRequestException e, DeliveryRoute route, bool started) => e switch
    {
        { Progress: RequestProgress.Answered, Status: { } status } => OfStatus((int)status, e.Issues, e.RetryAfter, route),

        // The status line came, the rest did not. Only a body that was too long to be read means that the write itself was answered.
        { Status: { } status, Code: RequestCode.TooLarge } when (int)status is 200 or 201 && route != DeliveryRoute.Transaction => new DeliveryOutcome.Delivered((int)status, null, null),
        { Status: { } status } => new DeliveryOutcome.Unknown(ReasonCodes.OutcomeUnknown, (int)status),
        { Code: RequestCode.AddressRefused } => new DeliveryOutcome.Refused(ReasonCodes.AddressRefused, null, Fails: false, [], null),
        { Code: RequestCode.Tls } when e.IsUntrusted => new DeliveryOutcome.Refused(ReasonCodes.Tls, null, Fails: false, [], null) { Detail = TlsMessages.Detail(e) },
        _ when e.Progress == RequestProgress.NotSent || !started => new DeliveryOutcome.Unreachable(ReasonCodes.RecipientUnreachable, null, e.RetryAfter),
        _ => new DeliveryOutcome.Unknown(ReasonCodes.OutcomeUnknown, null),
    };

    /// <summary>Every status that is no success. What is not named in standards as without effect is Unknown.</summary>
    public static DeliveryOutcome OfStatus(int status, IReadOnlyList<OutcomeIssue> issues, TimeSpan? retryAfter, DeliveryRoute route)
    {
        return status switch
        {
            429 => new DeliveryOutcome.Unreachable(ReasonCodes.RecipientThrottled, status, retryAfter),
            503 or 425 => new DeliveryOutcome.Unreachable(ReasonCodes.RecipientBusy, status, retryAfter),
            401 or 403 => Held(ReasonCodes.AuthRefused),
            413 => Held(ReasonCodes.TooLarge),
            400 or 422 when issues.Any(i => i.Code is "too-long" or "too-costly") => Held(ReasonCodes.TooLarge),
            400 or 422 when BlamesTheWay(issues) => Held(ReasonCodes.RecipientIncapable, NotThisWay(route)),
            400 or 422 => new DeliveryOutcome.Refused(ReasonCodes.Refused, status, Fails: true, IssueCodes.Of(issues), null) { FirstIssue = IssueCodes.First(issues), Detail = IssueCodes.Entries(issues) },
            501 => Held(ReasonCodes.RecipientIncapable, NotThisWay(route)),
            404 or 405 when route == DeliveryRoute.PutBundle => Held(ReasonCodes.EndpointWrong, NotThisWay(route)),
            404 or 405 or 410 or (>= 300 and < 400) => Held(ReasonCodes.EndpointWrong),
            406 or 415 => Held(ReasonCodes.RecipientIncapable),
            408 or 409 or 412 or 499 or >= 500 or < 300 => new DeliveryOutcome.Unknown(ReasonCodes.OutcomeUnknown, status),
            _ => Held(ReasonCodes.Refused),
        };

        DeliveryOutcome.Refused Held(string code, string? learned = null) => new(code, status, Fails: false, IssueCodes.Of(issues), learned) { FirstIssue = IssueCodes.First(issues) };
    }

    /// <summary>The server does not offer what was asked of it (R4 issue-type not-supported, or not-found for an id of ours), and points at no element of the package.</summary>
    private static bool BlamesTheWay(IReadOnlyList<OutcomeIssue> issues)
    {
        var errors = issues.Where(IssueCodes.IsError).ToList();
        return errors.Count > 0 && errors.TrueForAll(i => i.Code is "not-supported" or "not-found" && i.Expression is null);
    }

    /// <summary>What may be tried instead is the target finder's to say; after a transaction there is nothing.</summary>
    private static string? NotThisWay(DeliveryRoute route) => route switch
    {
        DeliveryRoute.PutBundle => $"{RecipientFacts.PutBundle}={RecipientFacts.Refused}",
        DeliveryRoute.PostBundle => $"{RecipientFacts.PostBundle}={RecipientFacts.Refused}",
        _ => null,
    };
}
