using System.Net.Http.Headers;
using System.Text;
using ReferralService.Intake;

namespace ReferralService.Gathering;

/// <summary>Signs requests to one EHR, and to nobody else, and notices what its clock says.</summary>
internal sealed class EhrMessageHandler(EhrOptions ehr, TimeProvider clock, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private readonly AuthenticationHeaderValue? _authorization = Authorization(ehr.Auth);
    private long _skewTicks;

    /// <summary>The EHR's clock less ours, from its last answer with a Date header; zero until then. Whole seconds: the header has no finer ones.</summary>
    public TimeSpan Skew => new(Interlocked.Read(ref _skewTicks));

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // A token that left for another origin is a stolen token, whatever made the request.
        if (_authorization is not null && request.RequestUri is { } to && IsOwn(to)) request.Headers.Authorization = _authorization;

        var response = await base.SendAsync(request, cancellationToken);
        if (response.Headers.Date is { } theirs) Interlocked.Exchange(ref _skewTicks, (theirs - clock.GetUtcNow()).Ticks);
        return response;
    }

    private bool IsOwn(Uri to)
        => Uri.Compare(to, ehr.BaseUrl, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0;

    private static AuthenticationHeaderValue? Authorization(PartnerAuth auth) => auth.Kind switch
    {
        AuthKind.Bearer => new AuthenticationHeaderValue("Bearer", auth.Token),
        AuthKind.Basic => new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{auth.User}:{auth.Password}"))),
        _ => null,
    };
}
