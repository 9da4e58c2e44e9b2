using System.Collections.Concurrent;
using System.Net;
using ReferralService.Contracts;
using ReferralService.Fhir.Errors;
using ReferralService.Fhir.Resources;
using ReferralService.Ledger;

namespace ReferralService.RecipientDirectory;

/// <summary>Decides form and route for a recipient: configured, else Auto from its /metadata and what was learned (interfaces §6).</summary>
internal sealed class TargetFinder(RecipientConnections connections, PartnerMemory memory, TimeProvider clock)
{
    /// <summary>How long an answer from /metadata is believed.</summary>
    public static readonly TimeSpan Freshness = TimeSpan.FromMinutes(10);

    private readonly IdempotencyFinder _characters = new(memory);
    private readonly ConcurrentDictionary<string, (DateTimeOffset ReadAt, CapabilityView? Capability)> _known = new(StringComparer.Ordinal);

    /// <remarks>For a package that is built already it says how to go on: another route for the same bytes, or another form for the next version.</remarks>
    public async Task<TargetResolution> FindAsync(string recipient, CancellationToken cancellationToken)
    {
        if (connections.Find(recipient) is not { } connection)
        {
            return new TargetResolution.Held(ReasonCodes.RecipientUnknown, "The recipient is not configured; add it under Recipients, or retry with another recipient.");
        }

        CapabilityView? capability;
        try
        {
            capability = await CapabilityAsync(connection, cancellationToken);
        }
        catch (FhirRequestException e)
        {
            return Unasked(e);
        }

        var facts = await _characters.FactsAsync(connection.Recipient, capability, cancellationToken);
        if (RouteChoice.Choose(connection.Recipient.Form, capability, facts, connection.Recipient.Idempotency) is { } choice)
        {
            return new TargetResolution.Ready(new DeliveryTarget(recipient, connection.Recipient.BaseUrl, choice.Form, choice.Route)
            {
                Idempotency = await _characters.FindAsync(connection, choice.Route, capability, facts, cancellationToken),
                AsksNotToOverwrite = !facts.Says(RecipientFacts.IfNoneMatch, RecipientFacts.Refused),
            });
        }

        // A person who mends it and retries is to be believed at once.
        _known.TryRemove(recipient, out _);
        await memory.ForgetAsync(RecipientFacts.Partner(recipient), cancellationToken);
        return new TargetResolution.Held(
            ReasonCodes.RecipientIncapable,
            capability is null
                ? "The recipient does not tell at /metadata what it can take; set its Form, or mend its /metadata, then retry."
                : "The recipient takes neither a Bundle to store nor a transaction in the form asked for; set another Form, then retry.");
    }

    /// <summary>Null: it answers, but says nothing of itself.</summary>
    private async Task<CapabilityView?> CapabilityAsync(RecipientConnection connection, CancellationToken cancellationToken)
    {
        var name = connection.Recipient.Name;
        if (_known.TryGetValue(name, out var known) && clock.GetUtcNow() - known.ReadAt < Freshness)
        {
            return known.Capability;
        }

        CapabilityView? capability;
        try
        {
            capability = await connection.Reads.RunAsync((client, token) => client.CapabilitiesAsync(token), cancellationToken);
        }
        catch (FhirFormatException)
        {
            capability = null;
        }
        catch (FhirRequestException e) when (IsSilence(e))
        {
            capability = null;
        }

        _known[name] = (clock.GetUtcNow(), capability);
        return capability;
    }

    private static TargetResolution.Held Untrusted(IReadOnlyDictionary<string, string> detail)
        => new(ReasonCodes.Tls, TlsMessages.For(detail["reason"])) { Detail = detail };

    private static bool IsSilence(FhirRequestException e) => e.Code is "not-fhir" or "too-large" || e.Status
        is HttpStatusCode.BadRequest or HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotAcceptable or HttpStatusCode.Gone or HttpStatusCode.NotImplemented;

    private static TargetResolution Unasked(FhirRequestException e) => (int?)e.Status switch
    {
        401 or 403 => new TargetResolution.Held(ReasonCodes.AuthRefused, "The recipient refuses our credentials at /metadata; mend its Auth setting, then retry."),
        429 => new TargetResolution.Deferred(ReasonCodes.RecipientThrottled, e.RetryAfter),
        503 => new TargetResolution.Deferred(ReasonCodes.RecipientBusy, e.RetryAfter),
        >= 300 and < 500 and not 408 and not 425 => new TargetResolution.Held(ReasonCodes.EndpointWrong, "The recipient's BaseUrl does not answer as a FHIR server; mend it, then retry."),
        null when e.Code == "address-refused" => new TargetResolution.Held(ReasonCodes.AddressRefused, "The recipient's name stands for an address that is not allowed; mend BaseUrl, Networks or DNS, then retry."),
        null when e.IsUntrusted => Untrusted(TlsMessages.Detail(e)),
        _ => new TargetResolution.Deferred(ReasonCodes.RecipientUnreachable, e.RetryAfter),
    };
}
