namespace ReferralService.Intake.Access.Sessions;

/// <summary>Names and flags of the cookies: the session's, and the one that a form's token belongs to.</summary>
/// <param name="Https">Browsers reach the pages over https: the cookies travel over nothing else, and no other host of the domain can set them (prefix <c>__Host-</c>).</param>
internal sealed record SessionCookies(bool Https)
{
    /// <summary>The authentication scheme of the session cookie.</summary>
    public const string Scheme = "session";

    public string Session => Named("referral-session");

    public string Form => Named("referral-form");

    /// <summary>Sent to this host alone, not shown to scripts, and never with a request that another site's page makes.</summary>
    public void Shape(CookieBuilder cookie, string name)
    {
        cookie.Name = name;
        cookie.Path = "/";
        cookie.HttpOnly = true;
        cookie.IsEssential = true;
        cookie.SameSite = SameSiteMode.Strict;
        cookie.SecurePolicy = Https ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
    }

    /// <summary>The same, but it comes along when the browser is led back here by another site, by a link and not by a form.</summary>
    public void ShapeForReturn(CookieBuilder cookie, string name)
    {
        Shape(cookie, Named(name));
        cookie.SameSite = SameSiteMode.Lax;
    }

    /// <summary>Whether anybody may sign in here: over https, or where the way from the browser does not leave its machine (a tunnel's end, a mapped port).</summary>
    public bool MaySignIn(HttpRequest request)
        => Https || request.IsHttps || (LocalCaller.IsThisMachine(request.Host) && !LocalCaller.IsForwarded(request.Headers));

    private string Named(string name) => Https ? "__Host-" + name : name;
}
