namespace ReferralService.Intake.Access.Sessions;

/// <summary>Names and flags of the cookies: the session's, and the one that a form's token belongs to.</summary>
/// <param name="Https">Browsers reach the pages over https: the cookies travel over nothing else, and no other host of the domain can set them (prefix <c>__Host-</c>).</param>
/// <param name="Address">That of PublicUrl with its port, where it is https; null: nobody says which host browsers ask for.</param>
internal sealed record SessionCookies(bool Https, HostString? Address = null)
{
    /// <summary>The authentication scheme of the session cookie.</summary>
    public const string Scheme = "session";

    private const int HttpsPort = 443;

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
    /// <remarks>
    /// What a proxy speaks to us does not tell what the browser spoke to it. Who comes past the proxy asks for another host or port than PublicUrl's; and a proxy that
    /// writes another Host is told from that by the browser, which sends Sec-Fetch-Site only where the way is safe.
    /// </remarks>
    public bool MaySignIn(HttpRequest request)
        => (LocalCaller.IsThisMachine(request.Host) && !LocalCaller.IsForwarded(request.Headers))
            || (Https ? Address is not { } address || IsAt(address, request.Host) || request.Headers.ContainsKey("Sec-Fetch-Site") : request.IsHttps);

    private static bool IsAt(HostString address, HostString asked)
        => string.Equals(address.Host, asked.Host, StringComparison.OrdinalIgnoreCase) && (address.Port ?? HttpsPort) == (asked.Port ?? HttpsPort);

    private string Named(string name) => Https ? "__Host-" + name : name;
}
