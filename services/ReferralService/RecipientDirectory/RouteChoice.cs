using ReferralService.Fhir.Resources;
using ReferralService.Ledger;

namespace ReferralService.RecipientDirectory;

/// <summary>Which form goes by which route: a function of the setting, of what the recipient says at /metadata and of what it taught us (interfaces §6, "Auto").</summary>
internal static class RouteChoice
{
    /// <param name="capability">Null: it tells nothing of itself. A form that was asked for is then tried in the way every server should offer; Auto has nothing to go by.</param>
    /// <param name="idempotency">As configured: PutId asks for the PUT whatever /metadata says, any other one but Auto for another way.</param>
    /// <returns>Null when nothing it can take is left.</returns>
    public static (PackageForm Form, DeliveryRoute Route)? Choose(
        RecipientForm form, CapabilityView? capability, IReadOnlyDictionary<string, string> facts, Idempotency idempotency = Idempotency.Auto) => form switch
    {
        RecipientForm.Document => Stored(PackageForm.Document, capability, facts, idempotency, blindly: true),
        RecipientForm.Collection => Stored(PackageForm.Collection, capability, facts, idempotency, blindly: true),
        RecipientForm.Transaction => Transacted(capability, blindly: true),
        _ => Stored(PackageForm.Document, capability, facts, idempotency, blindly: false)
            ?? (idempotency is Idempotency.PutId or Idempotency.IfNoneExist ? null : Transacted(capability, blindly: false)),
    };

    private static (PackageForm, DeliveryRoute)? Stored(
        PackageForm form, CapabilityView? capability, IReadOnlyDictionary<string, string> facts, Idempotency idempotency, bool blindly)
    {
        var puts = idempotency switch
        {
            Idempotency.PutId => true,
            Idempotency.Auto => capability is not null && UpdatesAsCreate(capability),
            _ => false,
        };
        if (puts && !facts.Says(RecipientFacts.PutBundle, RecipientFacts.Refused))
        {
            return (form, DeliveryRoute.PutBundle);
        }

        if (idempotency == Idempotency.PutId)
        {
            return null;
        }

        var posts = capability?.Supports("Bundle", "create") ?? blindly;
        return posts && !facts.Says(RecipientFacts.PostBundle, RecipientFacts.Refused) ? (form, DeliveryRoute.PostBundle) : null;
    }

    private static (PackageForm, DeliveryRoute)? Transacted(CapabilityView? capability, bool blindly)
        => capability?.SystemInteractions.Contains("transaction") ?? blindly ? (PackageForm.Transaction, DeliveryRoute.Transaction) : null;

    private static bool UpdatesAsCreate(CapabilityView capability)
        => capability.Supports("Bundle", "update") && capability.Resources["Bundle"].UpdateCreate;
}
