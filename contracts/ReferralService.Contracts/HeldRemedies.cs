using static ReferralService.Contracts.ReasonCodes;

namespace ReferralService.Contracts;

/// <summary>Held because of a recipient, a partner's connection, or what an attempt left behind.</summary>
internal static class HeldRemedies
{
    /// <summary>Most of what is held listens for the order.</summary>
    public const string Listens = "It waits. A newer active version of the order sets it going again.";

    /// <summary>What may have had an effect, or ended processes, goes on by hand only.</summary>
    private const string Settled = "It waits, and a newer version of the order does not reopen it.";

    public static IReadOnlyList<ReasonRemedy> All { get; } =
    [
        Of(RecipientUnknown, "No recipient is configured for what the order names, or the one that was asked for is gone.", Listens,
            "Add it under Recipients, with its Matches, restart and retry; or retry with the name of a configured recipient."),
        Of(RecipientAmbiguous, "The order's performers mean two recipients.", Listens,
            "Retry with the right one."),
        Of(RecipientTaken, "Another referral of this order goes to that recipient.", Listens,
            "Cancel one of the two, or retry with another recipient."),
        Of(RecipientIncapable, "The recipient can store neither a Bundle nor a transaction, as far as it says.", Listens,
            "Ask its operator, or set Recipients:{name}:Form. Retry builds the package again."),
        Of(AuthRefused, "The EHR or the recipient answered 401 or 403.", Listens,
            "Renew the token or the rights over there, restart if the setting changed, and retry."),
        Of(EndpointWrong, "The recipient's address answers 3xx, 404, 405 or 410, or it was changed after the package was made.", Listens,
            "Correct Recipients:{name}:BaseUrl, restart and retry. If the recipient moved, cancel and submit the order again."),
        Of(ReasonCodes.Tls, "The recipient's certificate is not to be trusted, or it speaks nothing as new as TLS 1.2. Nothing was sent.", Listens,
            "The reason in the timeline says which (certificate-expired, wrong-host, unknown-authority, tls-version …): have it mended over there, then retry."),
        Of(AddressRefused, "The name in BaseUrl stands for an address that no partner may have (link-local, metadata, multicast, loopback unless configured so), or for one outside Networks. Nothing was sent.", Listens,
            "Mend BaseUrl, Networks or DNS, and retry."),
        Of(NotFhir, "The address answers with something that is no FHIR JSON, often a login page. As the answer to a request: the body is no FHIR resource, or of another type than the address takes.", Listens,
            "Correct BaseUrl or the credentials, and retry. As the answer to a request: mend the body."),
        Of(PartlyStored, "The recipient stored a part of the package; the timeline has the Locations.", "It is never sent whole again. " + Settled,
            "Settle it with the recipient, then cancel."),
        Of(DeliveryUnknown, "An attempt may have landed, and the recipient cannot be asked, or could not until the deadline; the cause in the timeline says why. found-more-than-once: it is there twice and is never sent again. found-deleted: it was there and was deleted over there. cancel-pending: it was cancelled before that was known.", Settled,
            "Ask the recipient. It has the package: cancel. It has not: retry asks once more and then sends."),
        Of(Poison, "Working on it ended the process six times, three of them alone.", Settled,
            "Report it with the log. Retry tries once more."),
        Of(VaultKeyMissing, "The package is encrypted with a key that is not in Vault:KeyFile (given up in Vault:LostKeys, or another replica has a newer file). Nothing was sent, nothing is lost.", Listens,
            "Put the key back (any line but the first), take it out of Vault:LostKeys, restart, then retry."),
        Of(VaultDamaged, "What the vault has is not what was packaged: a bit flipped, chunks swapped or missing. Nothing was sent whole.", Listens,
            "Look at the disk and the database. Retry makes the next version from the EHR; or restore a backup first, and retry."),
    ];

    public static ReasonRemedy Of(string code, string meaning, string byItself, string remedy) => new(code, ReasonKind.Held, meaning, byItself, remedy);
}
