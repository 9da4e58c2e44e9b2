using System.Net;
using ReferralService.Fhir.Errors;

namespace ReferralService.Fhir.Client;

/// <summary>What a failed exchange proves. A delivery may be repeated only after <see cref="RequestProgress.NotSent"/>, so that is said only of failures before there was a connection.</summary>
internal static class RequestFault
{
    /// <summary>A failure before the answer's headers were there; null for what is not the exchange's: the caller's cancellation, a handler's own refusal.</summary>
    /// <param name="onlyConnectTimeout">The client itself has no timeout, so one that is not ours was the handler's connect timeout.</param>
    /// <param name="bodyBegun">Some connection was given the body's first bytes; a failed connection after that was a second one.</param>
    public static FhirRequestException? OfSending(Exception fault, IdleWatch watch, bool onlyConnectTimeout, bool bodyBegun)
    {
        var known = OfSending(fault, watch, onlyConnectTimeout);
        return known is { Progress: RequestProgress.NotSent } && bodyBegun ? Failed(known.Code, RequestProgress.MaybeSent, null, fault) : known;
    }

    private static FhirRequestException? OfSending(Exception fault, IdleWatch watch, bool onlyConnectTimeout) => fault switch
    {
        FhirRequestException => null,
        _ when watch.Caller.IsCancellationRequested => null,
        HttpRequestException { InnerException: FhirRequestException { Progress: RequestProgress.NotSent } refused } => Failed(refused.Code, RequestProgress.NotSent, null, fault),
        _ when watch.Expired => Failed(RequestCode.Timeout, RequestProgress.MaybeSent, null, fault),
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => Failed(RequestCode.Tls, RequestProgress.NotSent, null, fault),
        HttpRequestException
        {
            HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.ProxyTunnelError
        } => Failed(RequestCode.Unreachable, RequestProgress.NotSent, null, fault),
        TaskCanceledException { InnerException: TimeoutException } when onlyConnectTimeout
            => Failed(RequestCode.Unreachable, RequestProgress.NotSent, null, fault),
        TaskCanceledException { InnerException: TimeoutException } => Failed(RequestCode.Timeout, RequestProgress.MaybeSent, null, fault),
        HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse } => Failed(RequestCode.NotFhir, RequestProgress.MaybeSent, null, fault),
        HttpRequestException or IOException => Failed(RequestCode.Reset, RequestProgress.MaybeSent, null, fault),
        _ => null,
    };

    /// <summary>A failure in the answer's body: the server has acted, but what it said is lost.</summary>
    public static FhirRequestException? OfBody(Exception fault, HttpStatusCode status, IdleWatch watch) => fault switch
    {
        FhirRequestException => null,
        _ when watch.Caller.IsCancellationRequested => null,
        _ when watch.Expired => Failed(RequestCode.Timeout, RequestProgress.MaybeSent, status, fault),
        InvalidDataException => Failed(RequestCode.NotFhir, RequestProgress.MaybeSent, status, fault),
        HttpRequestException or IOException => Failed(RequestCode.Reset, RequestProgress.MaybeSent, status, fault),
        _ => null,
    };

    /// <summary>Whether this is how the caller's own cancellation came out.</summary>
    public static bool IsCallers(Exception fault, IdleWatch watch)
        => watch.Caller.IsCancellationRequested && fault is (OperationCanceledException or HttpRequestException or IOException);

    private static FhirRequestException Failed(string code, RequestProgress progress, HttpStatusCode? status, Exception inner)
        => new(code, progress, status, [], null, inner);
}
