using System.Globalization;
using System.Net;
using ReferralService.Fhir.Bundles;
using ReferralService.Fhir.Client;
using ReferralService.Fhir.Errors;
using ReferralService.Fhir.Resources;
using ReferralService.Gathering;
using ReferralService.Gathering.Plans;
using ReferralService.Intake;
using ReferralService.Packaging.Withholding;

namespace ReferralService.Doctor;

/// <summary>Whether an EHR gives what the walk needs of it. Only GETs, and none that brings a patient's data: the searches are for what changes tomorrow, or of nobody.</summary>
internal sealed class EhrLook(EhrOptions ehr, EhrConnections connections, PartnerContacts contacts, PlanBook plans, GatheringOptions gathering, ConsentOptions consent, TimeProvider clock)
{
    /// <summary>No id that a server gives to a person.</summary>
    private const string Nobody = "referral-service-doctor-nobody";

    private const string LastUpdated = "_lastUpdated";

    private static readonly string[] Needed = ["ServiceRequest", "Patient", "Observation", "DiagnosticReport"];

    private readonly string _section = $"Ehrs:{ehr.Name}";

    private FhirClient Client => connections.For(ehr.Name);

    public async Task LookAsync(Findings findings, CancellationToken cancellationToken)
    {
        CapabilityView? capability = null;
        try
        {
            capability = await Client.CapabilitiesAsync(cancellationToken);
        }
        catch (Exception e) when (PartnerTrouble.Of(e, _section) is { } trouble)
        {
            if (!MayAnswerElse(e))
            {
                findings.Fail(trouble.Code, trouble.What, trouble.Remedy);
                return;
            }

            findings.Warn("no-metadata", $"its /metadata is not readable: {trouble.What}", "a plain R4 server is assumed; what it does not have is then found out by refusals");
        }

        if (capability is not null)
        {
            PartnerStanding.TellVersion(findings, capability, _section);
            TellSearches(findings, capability);
            SubscriptionLook.TellOffered(findings, ehr, capability);
        }

        if (await OrdersAsync(findings, capability, cancellationToken))
        {
            await Task.WhenAll(StrictAsync(findings, cancellationToken), ConsentAsync(findings, capability, cancellationToken));
        }

        PartnerStanding.TellContact(findings, contacts.Of(PartnerKind.Ehr, ehr.Name), clock.GetUtcNow());
    }

    /// <summary>Many EHRs have no readable statement, or want a token for it; the walk goes on without.</summary>
    private static bool MayAnswerElse(Exception e) => e is FhirFormatException { Code: not FormatCode.WrongType } or FhirRequestException
    {
        Status: HttpStatusCode.NotFound or HttpStatusCode.Gone or HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotAcceptable or HttpStatusCode.NotImplemented or HttpStatusCode.BadRequest, Code: RequestCode.HttpStatus,
    };

    /// <summary>What the record plans want and the EHR does not list.</summary>
    private void TellSearches(Findings findings, CapabilityView capability)
    {
        var now = clock.GetUtcNow();
        var day = GatheringPlan.FirstDay(now, gathering.LookBack);
        var chosen = plans.All.Where(plan => plan.Status != PlanStatus.Retired).SelectMany(plan => plan.Items).Where(item => item.Need != Need.MustNot).SelectMany(item => item.Types);
        var planned = GatheringPlan.Make(capability, day, gathering.PageSize);
        var missing = planned.Where(search => search.Ways.Count == 0).Select(search => search.Type)
            .Concat(chosen.Where(type => capability.Resources.Count > 0 && !capability.Resources.ContainsKey(type))).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var needed = Needed.Where(type => capability.Resources.Count > 0 && !capability.Resources.ContainsKey(type)).ToList();
        if (needed.Count > 0) findings.Fail("search-missing", $"does not list {string.Join(", ", needed)}, without which no referral is gathered", "have them offered to us there, or see that BaseUrl is the clinical endpoint");
        if (missing.Except(needed).ToList() is { Count: > 0 } wanted) findings.Warn("search-missing", $"does not list {string.Join(", ", wanted)}, which record plans want", "packages go without them, and manifests say so; have them offered if it has them");
        if (needed.Count == 0) findings.Pass("lists the searches that every record needs");
    }

    /// <returns>False: no more needs to be asked.</returns>
    private async Task<bool> OrdersAsync(Findings findings, CapabilityView? capability, CancellationToken cancellationToken)
    {
        // Nothing has changed tomorrow: whoever looks at the time gives nothing.
        var query = OrderSweep.Query(OrderCriteria.Parse(ehr.Criteria), capability, Tomorrow, pageSize: 1, sorted: false);
        try
        {
            var (found, page) = await AskAsync("ServiceRequest", query, cancellationToken);
            findings.Pass(ehr.Auth.Kind == AuthKind.None ? "lets us search for orders" : "takes our credentials and lets us search for orders");
            if (found > 0 || SelfLink.Ignored(page.SelfLink, [LastUpdated]).Count > 0)
            {
                findings.Warn("last-updated-ignored", "does not look at _lastUpdated: each poll reads all orders that match Criteria", $"let it call us (NotificationSecret, Subscribe), with a long {_section}:PollInterval");
            }
            else
            {
                findings.Pass("looks at _lastUpdated");
            }

            return true;
        }
        catch (Exception e) when (PartnerTrouble.Of(e, _section) is { } trouble)
        {
            var (what, remedy) = e is FhirRequestException { Status: HttpStatusCode.Forbidden } ? ("may not search for ServiceRequests (403)", "have read and search on ServiceRequest given to our account there")
                : e is FhirRequestException { Status: HttpStatusCode.BadRequest } ? ("refuses the search for orders (400)", $"see which parameter of {_section}:Criteria it does not know")
                : (trouble.What, trouble.Remedy);
            findings.Fail(trouble.Code, what, remedy);
            return false;
        }
    }

    /// <summary>Whether a filter that it does not know is refused, as asked (Prefer: handling=strict), or silently dropped.</summary>
    private async Task StrictAsync(Findings findings, CancellationToken cancellationToken)
    {
        try
        {
            await AskAsync("ServiceRequest", $"referral-service-doctor=1&_lastUpdated=ge{Written(Tomorrow)}&_count=1", cancellationToken);
            findings.Warn("not-strict", "drops filters that it does not know, though strict handling is asked for", "nothing to do: what it ignored is looked for in its links, and filtered here");
        }
        catch (FhirRequestException e) when (e.Status is { } status && (int)status is >= 400 and < 500)
        {
            findings.Pass("refuses filters that it does not know");
        }
        catch (Exception e) when (PartnerTrouble.Of(e, _section) is { } trouble)
        {
            findings.Warn(trouble.Code, $"whether it drops unknown filters is not known: {trouble.What}", trouble.Remedy);
        }
    }

    private async Task ConsentAsync(Findings findings, CapabilityView? capability, CancellationToken cancellationToken)
    {
        try
        {
            await AskAsync("Consent", $"patient={Nobody}&_count=1", cancellationToken);
            findings.Pass("lets us search for Consents");
        }
        catch (Exception e) when (PartnerTrouble.Of(e, _section) is { } trouble && EhrFailure.Of(e) is { } failure)
        {
            if (failure.Kind is FailureKind.NotFound or FailureKind.Gone || (failure.Kind == FailureKind.Refused && capability?.Resources.ContainsKey("Consent") != true))
            {
                findings.Pass("has no Consents");
            }
            else if (failure.Kind == FailureKind.Refused)
            {
                findings.Pass("lets us search for Consents (not of a patient that is not there)");
            }
            else if (consent.WhenUnread == ConsentsUnread.UseDefault)
            {
                findings.Warn("consent-unclear", $"does not let us read Consents: {trouble.What}", "have read and search on Consent given to our account there; until then Consent:Default decides, as you set it");
            }
            else
            {
                findings.Fail("consent-unclear", $"does not let us read Consents, so every referral is held: {trouble.What}", "have read and search on Consent given to our account there, or set Consent:WhenUnread to UseDefault");
            }
        }
    }

    private DateTimeOffset Tomorrow => clock.GetUtcNow().AddDays(1);

    private static string Written(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>What comes is counted and not looked at.</summary>
    private async Task<(int Found, SearchPage Page)> AskAsync(string type, string query, CancellationToken cancellationToken)
    {
        var found = 0;
        var page = await Client.SearchAsync(type, query, (entry, _) =>
        {
            if (entry is { Mode: SearchEntryMode.Match }) found++;
            return ValueTask.CompletedTask;
        }, cancellationToken);
        return (found, page);
    }
}
