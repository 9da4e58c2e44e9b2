using ReferralService.Fhir.Client;
using ReferralService.Fhir.Errors;
using ReferralService.Fhir.Resources;
using ReferralService.Gathering;
using ReferralService.Intake;
using Microsoft.Extensions.Logging.Abstractions;

namespace ReferralService.Doctor;

/// <summary>Whether a service of ours answers at an address, by what it says of itself at /fhir/metadata: where an EHR is told to call must lead to the same.</summary>
internal sealed class AddressLook(TimeProvider clock)
{
    private const string Us = "ReferralService";

    /// <returns>True: it is one of ours; null: nothing answers.</returns>
    public async Task<bool?> IsUsAsync(Uri address, CancellationToken cancellationToken)
    {
        try
        {
            return (await AskAsync(address, cancellationToken)).Software?.StartsWith(Us, StringComparison.Ordinal) == true;
        }
        catch (FhirRequestException e) when (e.Status is null)
        {
            return null;
        }
        catch (Exception e) when (e is FhirRequestException or FhirFormatException)
        {
            return false;
        }
    }

    /// <param name="runs">Whether the service answers where it listens.</param>
    public async Task TellAsync(Findings findings, Uri publicUrl, Task<bool?> runs, CancellationToken cancellationToken)
    {
        try
        {
            var software = (await AskAsync(publicUrl, cancellationToken)).Software;
            if (software?.StartsWith(Us, StringComparison.Ordinal) == true) findings.Pass("leads to this service, seen from this machine");
            else findings.Fail("public-url", "leads to another server", "set PublicUrl to the address at which an EHR reaches this service (/fhir/notify/… must come here)");
        }
        catch (Exception e) when (PartnerTrouble.Of(e, "") is { } trouble)
        {
            var silent = e is FhirRequestException { Status: null or System.Net.HttpStatusCode.BadGateway or System.Net.HttpStatusCode.ServiceUnavailable or System.Net.HttpStatusCode.GatewayTimeout, IsUntrusted: false };
            var remedy = trouble.Code switch
            {
                "tls" => trouble.Remedy,
                _ => "set PublicUrl to the address at which an EHR reaches this service, and see that name, proxy and firewall lead there",
            };
            if (silent && await runs is not true) findings.Warn("public-url", $"does not lead to this service: {trouble.What}; the service does not run now", "start it and ask again; " + remedy);
            else findings.Fail("public-url", $"does not lead to this service, so no hook arrives: {trouble.What}", remedy);
        }
    }

    private async Task<CapabilityView> AskAsync(Uri address, CancellationToken cancellationToken)
    {
        var fhir = new Uri($"{address.AbsoluteUri.TrimEnd('/')}/fhir");
        using var http = PartnerHttp.Open(fhir, new PartnerAuth(), 1, new EgressGuard("this service", fhir, [], NullLogger<EgressGuard>.Instance));
        return await new FhirClient(http, fhir, new FhirClientOptions(), clock).CapabilitiesAsync(cancellationToken);
    }
}
