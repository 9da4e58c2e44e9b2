using System.Net;
using System.Security.Authentication;

namespace ReferralService.Fhir.Errors;

/// <summary>How far a request got when it failed: what may be concluded about its effect.</summary>
public enum RequestProgress
{
    /// <summary>No connection, or TLS failed: the server saw nothing.</summary>
    NotSent,

    /// <summary>Some or all of it may have been sent; no answer could be read.</summary>
    MaybeSent,

    /// <summary>An answer was read.</summary>
    Answered,
}

/// <summary>One issue of an OperationOutcome without its texts: severity, code, expression.</summary>
public sealed record OutcomeIssue(string Severity, string Code, string? Expression, string? DetailsCode);

/// <summary>A FHIR request that did not succeed. Carries codes, status and element paths; never a URL, a value or a server's text.</summary>
public sealed class FhirRequestException : Exception
{
    public FhirRequestException(string code, RequestProgress progress, HttpStatusCode? status, IReadOnlyList<OutcomeIssue> issues, TimeSpan? retryAfter, Exception? inner = null)
        : base(status is null ? code : $"{code} (HTTP {(int)status})", inner)
        => (Code, Progress, Status, Issues, RetryAfter) = (code, progress, status, issues, retryAfter);

    /// <summary>Permanent code of ours: <c>http-status</c>, <c>unreachable</c>, <c>tls</c>, <c>timeout</c>, <c>reset</c>, <c>not-fhir</c>, <c>foreign-origin</c>, <c>address-refused</c>, <c>page-loop</c>, <c>too-many-pages</c>, <c>too-large</c>, <c>redirect</c>.</summary>
    public string Code { get; }

    public RequestProgress Progress { get; }

    public HttpStatusCode? Status { get; }

    public IReadOnlyList<OutcomeIssue> Issues { get; }

    /// <summary>Retry-After as a delay from when the answer came, seconds and HTTP-date forms alike; null when absent or unreadable; never negative.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>TLS was answered and found wanting (certificate, name, version): a person must mend it. A handshake that broke off is not that, and may pass.</summary>
    public bool IsUntrusted
    {
        get
        {
            for (var inner = InnerException; inner is not null; inner = inner.InnerException)
            {
                if (inner is AuthenticationException) return true;
            }

            return false;
        }
    }

    /// <summary>What was wrong with the certificate; null when none was looked at (no common protocol), or TLS is not to blame.</summary>
    public UntrustedServerException? Distrust
    {
        get
        {
            for (var inner = InnerException; inner is not null; inner = inner.InnerException)
            {
                if (inner is UntrustedServerException untrusted) return untrusted;
            }

            return null;
        }
    }
}
