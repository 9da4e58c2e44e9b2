using ReferralService.Contracts;

namespace ReferralService.Intake.Answers;

/// <summary>Why a request is not done, ready to be told: on <c>/fhir</c> as OperationOutcome, elsewhere as problem+json.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Code">Of <see cref="ReasonCodes"/>.</param>
/// <param name="IssueType">R4 issue-type, e.g. <c>structure</c>.</param>
/// <param name="Message">One static sentence: what is wrong and what to do. Never anything the caller sent.</param>
internal sealed record Refusal(int Status, string Code, string IssueType, string Message)
{
    /// <summary>Element path, when one is to blame.</summary>
    public string? Path { get; init; }

    /// <summary>What lacks, by names that are not the caller's; <c>missing</c> in problem+json.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];

    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Value of WWW-Authenticate or Allow, where the status calls for one.</summary>
    public (string Name, string Value)? Header { get; init; }

    public static readonly Refusal LedgerUnavailable = new(
        StatusCodes.Status503ServiceUnavailable, ReasonCodes.LedgerUnavailable, "transient",
        "The service's database cannot take this now. Nothing was stored; send it again after the time in Retry-After.")
    {
        RetryAfter = TimeSpan.FromSeconds(5),
    };

    public static readonly Refusal Draining = new(
        StatusCodes.Status503ServiceUnavailable, ReasonCodes.Draining, "transient",
        "This process is ending. Nothing was stored; send it again after the time in Retry-After, to another replica or to the one that follows.")
    {
        RetryAfter = TimeSpan.FromSeconds(5),
    };

    public static readonly Refusal TooManyRequests = new(
        StatusCodes.Status429TooManyRequests, ReasonCodes.TooManyRequests, "throttled",
        "Too many requests in a short time. Nothing was stored; send it again after the time in Retry-After.")
    {
        RetryAfter = TimeSpan.FromSeconds(1),
    };

    public static readonly Refusal BrokenFraming = new(
        StatusCodes.Status400BadRequest, ReasonCodes.Unreadable, "structure", "The request's framing is broken: its length must be told once, by Content-Length or by chunks.");

    public static readonly Refusal NotFound = new(
        StatusCodes.Status404NotFound, ReasonCodes.NotFound, "not-found", "There is nothing at this address. docs/interfaces.md lists the routes.");

    public static readonly Refusal MethodNotAllowed = new(
        StatusCodes.Status405MethodNotAllowed, ReasonCodes.MethodNotAllowed, "not-supported",
        "This address does not take this method. The Allow header lists those it takes.");

    public static readonly Refusal InternalError = new(
        StatusCodes.Status500InternalServerError, ReasonCodes.InternalError, "exception",
        "The service failed at this request. Nothing was accepted; send it again, and tell the operator the trace id if it stays so.");

    public static Refusal Unauthorized(string message, string issueType) => new(StatusCodes.Status401Unauthorized, ReasonCodes.Unauthorized, issueType, message)
    {
        Header = ("WWW-Authenticate", "Bearer realm=\"referral-service\""),
    };

    public static Refusal Forbidden(string message) => new(StatusCodes.Status403Forbidden, ReasonCodes.Forbidden, "forbidden", message);

    public static Refusal BadRequest(string issueType, string message, string? path = null)
        => new(StatusCodes.Status400BadRequest, ReasonCodes.BadRequest, issueType, message) { Path = path };

    public static Refusal Unreadable(string message, string? path = null)
        => new(StatusCodes.Status400BadRequest, ReasonCodes.Unreadable, "structure", message) { Path = path };

    public static Refusal UnsupportedMediaType(string message)
        => new(StatusCodes.Status415UnsupportedMediaType, ReasonCodes.UnsupportedMediaType, "not-supported", message);

    public static Refusal BodyTooLarge(long limit)
        => new(StatusCodes.Status413PayloadTooLarge, ReasonCodes.BodyTooLarge, "too-long", $"The body is longer than {limit} bytes, the most that is taken here.");
}
