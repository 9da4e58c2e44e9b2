using Microsoft.Extensions.Logging.Abstractions;
using ReferralService.Gathering;
using ReferralService.Intake.Access.Oidc;
using ReferralService.Status.Webhooks;

namespace ReferralService.Doctor;

/// <summary>Servers that are no partners of a referral: the receivers of webhooks, and the provider that people sign in at.</summary>
internal static class OutsideLook
{
    /// <summary>Whether it can be reached, by a HEAD: any answer will do, since it may know nothing but POST. No event is sent.</summary>
    public static async Task WebhookAsync(Findings findings, WebhookOptions webhook, CancellationToken cancellationToken)
    {
        using var http = PartnerHttp.Open(webhook.Url, 1, new EgressGuard(webhook.Name, webhook.Url, webhook.Networks, NullLogger<EgressGuard>.Instance));
        try
        {
            using var asked = new HttpRequestMessage(HttpMethod.Head, webhook.Url);
            using var answer = await http.SendAsync(asked, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            findings.Pass("its receiver can be reached");
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            var trouble = WebhookTrouble.Of(e);
            findings.Fail(trouble.Code, "its receiver cannot be reached", trouble.FixFor(webhook.Name));
        }
    }

    /// <summary>Whether it publishes its addresses and keys, without which nobody is let in by it.</summary>
    public static async Task ProviderAsync(Findings findings, IdentityProvider provider, CancellationToken cancellationToken)
    {
        try
        {
            var published = await provider.Published.GetConfigurationAsync(cancellationToken);
            if (published.SigningKeys.Count > 0) findings.Pass("publishes its addresses and keys");
            else findings.Fail("identity-provider", "publishes no keys", "see that Api:Oidc:Authority is the issuer whose tokens are meant");
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            findings.Fail("identity-provider", "its /.well-known/openid-configuration cannot be read", "see that Api:Oidc:Authority is the issuer, that it runs, that this machine trusts its certificate, and that Api:Oidc:Origins lists where it keeps its keys");
        }
    }
}
