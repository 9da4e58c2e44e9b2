namespace ReferralService.Fhir.Errors;

/// <summary>The permanent codes of <see cref="FhirRequestException"/>.</summary>
public static class RequestCode
{
    /// <summary>An answer that is no success; its status says which.</summary>
    public const string HttpStatus = "http-status";

    /// <summary>No name, no route, refused, or no connection in time.</summary>
    public const string Unreachable = "unreachable";

    /// <summary>No secure connection: certificate, host name or protocol.</summary>
    public const string Tls = "tls";

    /// <summary>No byte moved for the idle time.</summary>
    public const string Timeout = "timeout";

    /// <summary>The connection broke before the answer was whole.</summary>
    public const string Reset = "reset";

    /// <summary>Success with something that is no FHIR JSON: a login page, XML, nothing.</summary>
    public const string NotFhir = "not-fhir";

    /// <summary>A link to another scheme, host or port than the server's own.</summary>
    public const string ForeignOrigin = "foreign-origin";

    /// <summary>The name stands for an address that is not allowed; no connection was made.</summary>
    public const string AddressRefused = "address-refused";

    public const string PageLoop = "page-loop";

    public const string TooManyPages = "too-many-pages";

    public const string TooLarge = "too-large";

    /// <summary>A redirect, which is never followed: the record must not go where configuration did not send it.</summary>
    public const string Redirect = "redirect";
}
