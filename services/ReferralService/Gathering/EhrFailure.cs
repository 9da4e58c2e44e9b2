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
    /// <summary>Null for an exception that is not a partner's failure: a bug or a cancellation goes its own way.</summary>
    public static EhrFailure? Of(Exception exception) => exception switch
    {
        FhirRequestException { Code: "http-status", Status: { } status } e => OfStatus(status, e),
        FhirRequestException e => e.Code switch
        {
            "timeout" => new(FailureKind.Transient, ReasonCodes.EhrUnreachable, "timed-out", After(e)),
            "unreachable" or "reset" => new(FailureKind.Transient, ReasonCodes.EhrUnreachable, "unreachable", After(e)),
            "tls" => new(FailureKind.Misconfigured, ReasonCodes.Tls, "unreachable", null),
            "not-fhir" => new(FailureKind.Misconfigured, ReasonCodes.NotFhir, "not-fhir", null),
            "redirect" or "foreign-origin" => new(FailureKind.Misconfigured, ReasonCodes.EndpointWrong, "foreign-origin", null),
            "too-large" => new(FailureKind.TooMuch, ReasonCodes.TooLarge, "limit", null),
            "page-loop" or "too-many-pages" => new(FailureKind.TooMuch, ReasonCodes.TooCostly, "limit", null),
            _ => new(FailureKind.Transient, ReasonCodes.EhrError, "unreachable", After(e)),
        },
        FhirFormatException { Code: FormatCode.JsonTruncated } => new(FailureKind.Transient, ReasonCodes.EhrError, "unreachable", null),
        FhirFormatException { Code: FormatCode.JsonTooLarge } => new(FailureKind.TooMuch, ReasonCodes.TooLarge, "limit", null),
        FhirFormatException => new(FailureKind.Misconfigured, ReasonCodes.NotFhir, "not-fhir", null),
        _ => null,
    };

    private static EhrFailure OfStatus(HttpStatusCode status, FhirRequestException e) => (int)status switch
    {
        401 => new(FailureKind.Unauthorized, ReasonCodes.AuthRefused, "forbidden", null),
        403 => new(FailureKind.Forbidden, ReasonCodes.AuthRefused, "forbidden", null),
        404 => new(FailureKind.NotFound, ReasonCodes.EndpointWrong, "not-found", null),
        410 => new(FailureKind.Gone, ReasonCodes.EndpointWrong, "gone", null),
        429 => new(FailureKind.Transient, ReasonCodes.EhrThrottled, "timed-out", After(e)),
        408 or 504 => new(FailureKind.Transient, ReasonCodes.EhrError, "timed-out", After(e)),
        425 => new(FailureKind.Transient, ReasonCodes.EhrError, "unreachable", After(e)),
        >= 300 and < 400 => new(FailureKind.Misconfigured, ReasonCodes.EndpointWrong, "foreign-origin", null),
        501 or (>= 400 and < 500) => new(FailureKind.Refused, ReasonCodes.EhrError, "refused", After(e)),
        _ => new(FailureKind.Transient, ReasonCodes.EhrError, "unreachable", After(e)),
    };

    private static TimeSpan? After(FhirRequestException e) => e.RetryAfter is null ? null : GetPipeline.Wait(e);
}
