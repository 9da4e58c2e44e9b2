using static ReferralService.Contracts.ReasonCodes;

namespace ReferralService.Contracts;

/// <summary>Answers to requests and commands: the sender acts, not the operator.</summary>
internal static class AnswerRemedies
{
    private const string Nothing = "Nothing was stored, nothing changed.";

    public static IReadOnlyList<ReasonRemedy> All { get; } =
    [
        Of(NotFound, "There is nothing at this address, or no referral of this id.", Nothing,
            "docs/interfaces.md lists the routes; GET /api/referrals lists the referrals."),
        Of(NoPackage, "No package was built for this referral yet.", "It is built when the record is there.",
            "Ask again when the state is packaged."),
        Of(PackagePurged, "The package was deleted: its time, Vault:Retention, was over. Digest and timeline stay.", Nothing,
            "A delivered one is at the recipient. Retry of a failed referral makes the next version."),
        Of(EhrUnknown, "No EHR of this name is configured; also of a referral whose EHR was taken out of the settings.", "Nothing was stored. A referral of an EHR that is gone is held under this code.",
            "Use a name under Ehrs, or put the EHR back and restart."),
        Of(BadRequest, "A member, query or id is missing, unknown or of the wrong form; the answer says which.", Nothing,
            "Mend the request; contracts/schemas and docs/interfaces.md have the forms."),
        Of(PartnerAmbiguous, "An EHR and a recipient have this name.", Nothing,
            "Say ?kind=ehr or ?kind=recipient."),
        Of(UseForward, "It is delivered, or packaged for somebody else.", Nothing,
            "Submit the order with the other recipient: that is a referral of its own."),
        Of(InFlight, "An attempt is under way, or its outcome is not known yet.", "The attempt ends, or the recipient is asked.",
            "Wait for the next event, then ask again."),
        Of(AlreadyCancelled, "It is cancelled.", Nothing,
            "Submit the order again with a recipient, or change the order at the EHR."),
        Of(AlreadyDelivered, "It is delivered, so it can no longer be cancelled.", Nothing,
            "Tell the recipient."),
        Of(IdReused, "This id was used for another command within the last 14 days.", Nothing,
            "Give each command an id of its own."),
        Of(Unauthorized, "The secret, key or signature is missing or wrong, or none is configured for this.", Nothing,
            "Send Authorization: Bearer with the key's secret; for hooks, set Ehrs:{name}:NotificationSecret here and the same at the EHR."),
        Of(Forbidden, "The role of the key or account is too small for this, or there are neither and the call did not come from this machine; or a form came from another site's page.", Nothing,
            "Use a key or an account with a larger role (viewer < operator < privacy), or configure Api:Keys."),
        Of(TooManyRequests, "Too many calls in a second.", Nothing,
            "Send it again after Retry-After. Intake:RequestsPerSecond and Intake:NotificationsPerSecond are the limits."),
        Of(UnsupportedMediaType, "The body is not JSON in UTF-8, or is compressed.", Nothing,
            "Send application/json or application/fhir+json, without Content-Encoding."),
        Of(BodyTooLarge, "The body is longer than is taken here.", Nothing,
            "Send less; of hooks Intake:MaxNotificationBytes is the limit."),
        Of(LedgerUnavailable, "The database cannot take this now.", "Nothing was stored. GET /health/ready is 503 until it can be written again.",
            "Send it again after Retry-After. The operator: look at the disk and the database."),
        Of(Draining, "This process is ending.", "Nothing was stored. What it had under way goes on at another replica, or after the restart.",
            "Send it again after Retry-After."),
        Of(IdentityProviderUnreachable, "The identity provider (Api:Oidc:Authority) does not answer, so no account can sign in and no token be checked.", "Sessions that are open go on, and keys work.",
            "Try again after Retry-After, or use a key. The operator: see that this machine reaches the provider, and that Api:Oidc:Authority and Api:Oidc:Origins name its servers."),
        Of(MethodNotAllowed, "This address does not take this method.", Nothing,
            "The Allow header lists those it takes."),
        Of(Unreadable, "The body or the framing cannot be read: not JSON, a member twice, too deep, or too slow.", "A command that cannot be read is set aside in queue referral.commands.rejected, as it came.",
            "Mend what sends it."),
        Of(UnknownCommand, "The command is none of submit, retry and cancel.", Nothing,
            "Mend what sends it; contracts/asyncapi.yaml has the commands."),
        Of(UnsupportedVersion, "The command is of another major version than 1.", "It is set aside in queue referral.commands.rejected, as it came.",
            "Send version 1, or leave the member out."),
    ];

    private static ReasonRemedy Of(string code, string meaning, string byItself, string remedy) => new(code, ReasonKind.Answer, meaning, byItself, remedy);
}
