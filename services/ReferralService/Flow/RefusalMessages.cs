using ReferralService.Contracts;
using ReferralService.Delivery;
using ReferralService.RecipientDirectory;

namespace ReferralService.Flow;

/// <summary>What is told a person about a package that the recipient does not take as things are: one static sentence per case, what is wrong and what to do.</summary>
internal static class RefusalMessages
{
    public static string For(DeliveryOutcome.Refused refused) => refused switch
    {
        { Code: ReasonCodes.EndpointWrong, Status: >= 300 and < 400 } =>
            "The recipient answers with a redirect, and a record is never sent to where no setting sends it. Ask its operator; if it has moved, correct BaseUrl, cancel this and submit the order again.",
        { Code: ReasonCodes.EndpointWrong } => "The recipient's address does not take packages (see status in the timeline). Correct BaseUrl or Form, then retry.",
        { Code: ReasonCodes.VaultKeyMissing } =>
            "The key the package is encrypted with is not in Vault:KeyFile; nothing was sent. Put it back, start the service again, then retry.",
        { Code: ReasonCodes.VaultDamaged } =>
            "What is stored is not what was packaged, so it was not sent. See to the database; retry makes a new package from the EHR.",
        { Code: ReasonCodes.TooLarge } => "The recipient takes no package of this size. Have its limit raised or shorten Gathering:LookBack, then retry: that builds again.",
        { Code: ReasonCodes.AuthRefused } => "The recipient refuses our credentials; mend its Auth setting or the rights over there, then retry.",
        { Code: ReasonCodes.Tls, Detail: { } detail } when detail.TryGetValue("reason", out var reason) => TlsMessages.For(reason),
        _ => "The recipient does not take it like this; a setting here or there must change.",
    };
}
