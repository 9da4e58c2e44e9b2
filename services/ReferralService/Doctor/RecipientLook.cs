using System.Net;
using ReferralService.Fhir.Errors;
using ReferralService.Fhir.Resources;
using ReferralService.RecipientDirectory;

namespace ReferralService.Doctor;

/// <summary>Whether a recipient can be sent to, how, and what makes sending again harmless there. Only GETs; nothing is learned or kept.</summary>
internal sealed class RecipientLook(RecipientOptions recipient, RecipientConnections connections, PartnerContacts contacts, TimeProvider clock)
{
    private readonly string _section = $"Recipients:{recipient.Name}";

    /// <param name="facts">What it taught the service; none where the ledger cannot be read.</param>
    public async Task LookAsync(Findings findings, IReadOnlyDictionary<string, string> facts, CancellationToken cancellationToken)
    {
        var connection = connections.Find(recipient.Name)!;
        CapabilityView? capability = null;
        try
        {
            capability = await connection.Reads.RunAsync((client, token) => client.CapabilitiesAsync(token), cancellationToken);
            PartnerStanding.TellVersion(findings, capability, _section);
        }
        catch (Exception e) when (PartnerTrouble.Of(e, _section) is { } trouble)
        {
            if (!CapabilityQuestion.IsSilence(e) || recipient.Form == RecipientForm.Auto)
            {
                findings.Fail(trouble.Code, trouble.What, CapabilityQuestion.IsSilence(e) ? $"{trouble.Remedy}; or set {_section}:Form, if it has no /metadata" : trouble.Remedy);
                PartnerStanding.TellContact(findings, contacts.Of(PartnerKind.Recipient, recipient.Name), clock.GetUtcNow());
                return;
            }

            findings.Warn("no-metadata", $"its /metadata is not readable: {trouble.What}", $"{_section}:Form decides; the first delivery shows whether it is taken");
        }

        await TellWayAsync(findings, connection, capability, facts, cancellationToken);
        if (facts.GetValueOrDefault(RecipientFacts.MaxBytes) is { } most && long.TryParse(most, out var bytes))
        {
            findings.Warn("too-large", $"a package of {bytes} bytes was too large for it", "have its limit raised (also that of a proxy before it)");
        }

        PartnerStanding.TellContact(findings, contacts.Of(PartnerKind.Recipient, recipient.Name), clock.GetUtcNow());
    }

    private async Task TellWayAsync(
        Findings findings, RecipientConnection connection, CapabilityView? capability, IReadOnlyDictionary<string, string> facts, CancellationToken cancellationToken)
    {
        if (RouteChoice.Choose(recipient.Form, capability, facts, recipient.Idempotency) is not var (form, route))
        {
            findings.Fail("recipient-incapable", "takes neither a Bundle to store nor a transaction in the form asked for", $"set another {_section}:Form, or have create or update of Bundle, or transactions, switched on there");
            return;
        }

        findings.Pass($"gets a {form.ToString().ToLowerInvariant()} by {route switch { DeliveryRoute.PutBundle => "PUT /Bundle/id", DeliveryRoute.PostBundle => "POST /Bundle", _ => "a transaction" }}");
        Idempotency? character;
        try
        {
            await SignAsync(findings, connection, route, cancellationToken);
            character = route == DeliveryRoute.PutBundle ? Idempotency.PutId
                : recipient.Idempotency != Idempotency.Auto ? recipient.Idempotency
                : await IdempotencyFinder.AskAsync(connection, route, capability, cancellationToken);
        }
        catch (Exception e) when (PartnerTrouble.Of(e, _section) is { } trouble)
        {
            findings.Fail(trouble.Code, trouble.What, trouble.Remedy);
            return;
        }

        if (character == Idempotency.None)
        {
            findings.Warn("not-idempotent", "nothing makes sending again harmless there: after a lost answer a person decides", "let it answer searches by identifier, or create on update; ADR 0008");
        }
        else
        {
            findings.Pass(character is null ? "what makes sending again harmless could not be asked for now" : $"sending again is harmless: {character}");
        }
    }

    /// <summary>Whether our credentials are taken: /metadata often needs none. A search by an identifier that nothing has.</summary>
    private static async Task SignAsync(Findings findings, RecipientConnection connection, DeliveryRoute route, CancellationToken cancellationToken)
    {
        var type = route == DeliveryRoute.Transaction ? "Task" : "Bundle";
        try
        {
            await IdentifierSearch.AskAsync(connection, type, Guid.Empty, cancellationToken);
            findings.Pass($"lets us ask for a {type}");
        }
        catch (Exception e) when (e is FhirFormatException or FhirRequestException { Status: not null and not HttpStatusCode.Unauthorized })
        {
            // It need not let itself be searched.
        }
    }
}
