namespace ReferralService.Intake.Access.Sessions;

/// <summary>Where browsers reach the pages over https (<see cref="SessionCookies.Https"/>), every request counts as such, whatever a proxy in front speaks to us; and browsers are told to stay with it.</summary>
/// <remarks>So no forwarding header has to be believed: the settings say what the way is.</remarks>
internal sealed class PublicScheme(RequestDelegate next, SessionCookies cookies)
{
    private const string OneYear = "max-age=31536000";

    public Task InvokeAsync(HttpContext context)
    {
        if (!cookies.Https) return next(context);
        context.Request.Scheme = Uri.UriSchemeHttps;
        // When the answer starts, because one that failed is cleared and written anew.
        context.Response.OnStarting(
            static state =>
            {
                ((HttpResponse)state).Headers.StrictTransportSecurity = OneYear;
                return Task.CompletedTask;
            },
            context.Response);
        return next(context);
    }
}
