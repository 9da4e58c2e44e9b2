using System.Net.Http.Headers;
using System.Text;
using ReferralService.Intake;

namespace ReferralService.Gathering;

/// <summary>Signs requests to one partner's origin, and takes care that no other origin ever gets the signature, whatever made the request.</summary>
internal sealed class PartnerCredentials(Uri baseUrl, PartnerAuth auth, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private readonly AuthenticationHeaderValue? _credentials = auth.Kind switch
    {
        AuthKind.Bearer => new AuthenticationHeaderValue("Bearer", auth.Token),
        AuthKind.Basic => new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{auth.User}:{auth.Password}"))),
        _ => null,
    };

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = _credentials is not null && request.RequestUri is { } to && IsOwn(to) ? _credentials : null;
        return base.SendAsync(request, cancellationToken);
    }

    private bool IsOwn(Uri to)
        => to.IsAbsoluteUri && to.Scheme == baseUrl.Scheme && to.Port == baseUrl.Port && string.Equals(to.IdnHost, baseUrl.IdnHost, StringComparison.OrdinalIgnoreCase);
}
