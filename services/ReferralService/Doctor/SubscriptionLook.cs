using ReferralService.Fhir.Resources;
using ReferralService.Intake;
using ReferralService.Ledger;

namespace ReferralService.Doctor;

/// <summary>How the subscription stands that the service keeps at an EHR, by what the ledger knows of it.</summary>
internal static class SubscriptionLook
{
    /// <param name="kept">Null: none was made yet, or the ledger could not be read.</param>
    public static void Tell(Findings findings, EhrOptions ehr, KeptSubscription? kept)
    {
        if (ehr.Subscribe == SubscribeMode.Off) return;
        switch (kept)
        {
            case null or { Status: KeptSubscription.NoStatus, Code: null }:
                findings.Pass($"the subscription ({ehr.Subscribe}) is made when the service starts");
                break;
            case { Code: { } code }:
                findings.Warn(code, $"its subscription does not work ({code})", "docs/runbook.md, \"The subscription at an EHR does not work\"");
                break;
            case { Status: "active", HeardAt: null }:
                findings.Warn("subscription-silent", "its subscription is active, and no hook ever came", "see that the EHR reaches PublicUrl");
                break;
            default:
                findings.Pass($"its subscription is {kept.Status}");
                break;
        }
    }

    /// <summary>Whether it says that Subscriptions can be made there.</summary>
    public static void TellOffered(Findings findings, EhrOptions ehr, CapabilityView? capability)
    {
        if (ehr.Subscribe != SubscribeMode.Off && capability is { Resources.Count: > 0 } && !capability.Resources.ContainsKey("Subscription"))
        {
            findings.Fail("subscription-refused", "does not list Subscription, and Subscribe is on", $"set Ehrs:{ehr.Name}:Subscribe to Off and let it be polled, or have Subscriptions switched on there");
        }
    }
}
