using System.Net;
using ReferralService.Contracts;
using ReferralService.Fhir.Errors;

namespace ReferralService.Gathering;

internal enum FailureKind
{
    /// <summary>It may work later.</summary>
    Transient,

    /// <summary>401, or 403 to something we must have.</summary>
    Unauthorized,
    Forbidden,
    NotFound,
    Gone,

    /// <summary>This request is not understood or not allowed in this form (400, 405, 422, 501 …): another form may be.</summary>
    Refused,

    /// <summary>The patient it was asked about was ignored: what comes is everybody's.</summary>
    Misled,

    /// <summary>Loops, too many pages, too many bytes.</summary>
    TooMuch,

    /// <summary>A setting is wrong: not a FHIR server, another address, TLS.</summary>
    Misconfigured,
}

/// <summary>What a failed request to an EHR means for gathering.</summary>
/// <param name="Code">Of Contracts.ReasonCodes.</param>
/// <param name="Gap">The reason a gap gives when this is why something is missing.</param>
internal sealed record EhrFailure(FailureKind Kind, string Code, string Gap, TimeSpan? RetryAfter)
{
    // R4 issue-type, "transient" and those below it that say nothing of the request itself: some servers send them with 400.
    private static readonly string[] PassingIssues = ["transient", "lock-error", "no-store", "timeout", "throttled"];

    /// <summary>The same request may succeed later.</summary>
    public bool MayPass { get; init; } = Kind == FailureKind.Transient;

    /// <summary>An answer that was whole as a message ended in the middle of its JSON: a network does not do that, and it may never mend itself.</summary>
    public bool BreaksOff { get; init; }

    /// <summary>Null for an exception that is not a partner's failure: a bug or a cancellation goes its own way.</summary>
    public static EhrFailure? Of(Exception exception) => exception switch
    {
        FhirRequestException { Code: RequestCode.HttpStatus, Status: { } status } e => OfStatus(status, e),
        FhirRequestException e => e.Code switch
        {
            RequestCode.Timeout => new(FailureKind.Transient, ReasonCodes.EhrUnreachable, GapReason.TimedOut, After(e)),
            RequestCode.Unreachable or RequestCode.Reset => new(FailureKind.Transient, ReasonCodes.EhrUnreachable, GapReason.Unreachable, After(e)),
            RequestCode.Tls when !e.IsUntrusted => new(FailureKind.Transient, ReasonCodes.EhrUnreachable, GapReason.Unreachable, null),
            RequestCode.Tls => new(FailureKind.Misconfigured, ReasonCodes.Tls, GapReason.Unreachable, null),
            RequestCode.NotFhir => new(FailureKind.Misconfigured, ReasonCodes.NotFhir, GapReason.NotFhir, null),
            RequestCode.AddressRefused => new(FailureKind.Misconfigured, ReasonCodes.AddressRefused, GapReason.ForeignOrigin, null),
            RequestCode.Redirect or RequestCode.ForeignOrigin => new(FailureKind.Misconfigured, ReasonCodes.EndpointWrong, GapReason.ForeignOrigin, null),
            RequestCode.TooLarge => new(FailureKind.TooMuch, ReasonCodes.TooLarge, GapReason.Limit, null),
            RequestCode.PageLoop or RequestCode.TooManyPages => new(FailureKind.TooMuch, ReasonCodes.TooCostly, GapReason.Limit, null),
            _ => new(FailureKind.Transient, ReasonCodes.EhrError, GapReason.Unreachable, After(e)),
        },
        FhirFormatException { Code: FormatCode.JsonTruncated } => new(FailureKind.Transient, ReasonCodes.EhrError, GapReason.Unreachable, null) { BreaksOff = true },
        FhirFormatException { Code: FormatCode.JsonTooLarge } => new(FailureKind.TooMuch, ReasonCodes.TooLarge, GapReason.Limit, null),
        FhirFormatException => new(FailureKind.Misconfigured, ReasonCodes.NotFhir, GapReason.NotFhir, null),
        WalkForgottenException => new(FailureKind.Transient, ReasonCodes.EhrError, GapReason.IncompleteAnswer, null),
        FilterIgnoredException => new(FailureKind.Misled, ReasonCodes.FilterIgnored, GapReason.FilterIgnored, null),
        _ => null,
    };

    private static EhrFailure OfStatus(HttpStatusCode status, FhirRequestException e) => (int)status switch
    {
        401 => new(FailureKind.Unauthorized, ReasonCodes.AuthRefused, GapReason.Forbidden, null),
        403 => new(FailureKind.Forbidden, ReasonCodes.AuthRefused, GapReason.Forbidden, null),
        404 => new(FailureKind.NotFound, ReasonCodes.EndpointWrong, GapReason.NotFound, null),
        410 => new(FailureKind.Gone, ReasonCodes.EndpointWrong, GapReason.Gone, null),
        429 => new(FailureKind.Transient, ReasonCodes.EhrThrottled, GapReason.TimedOut, After(e)),
        408 or 504 => new(FailureKind.Transient, ReasonCodes.EhrError, GapReason.TimedOut, After(e)),
        425 => new(FailureKind.Transient, ReasonCodes.EhrError, GapReason.Unreachable, After(e)),
        >= 300 and < 400 => new(FailureKind.Misconfigured, ReasonCodes.EndpointWrong, GapReason.ForeignOrigin, null),
        501 or (>= 400 and < 500) => new(FailureKind.Refused, ReasonCodes.EhrError, GapReason.Refused, After(e)) { MayPass = e.Issues.Any(i => PassingIssues.Contains(i.Code, StringComparer.Ordinal)) },
        _ => new(FailureKind.Transient, ReasonCodes.EhrError, GapReason.Unreachable, After(e)),
    };

    private static TimeSpan? After(FhirRequestException e) => e.RetryAfter is null ? null : GetPipeline.Wait(e);
}
