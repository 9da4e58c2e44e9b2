using static ReferralService.Contracts.HeldRemedies;
using static ReferralService.Contracts.ReasonCodes;

namespace ReferralService.Contracts;

/// <summary>Held because of the order, the record, or the patient's consent.</summary>
internal static class WithheldRemedies
{
    public static IReadOnlyList<ReasonRemedy> All { get; } =
    [
        Of(NotActionable, "The order is not active, is no order, or says do-not-perform.", Listens,
            "Mend the order at the EHR."),
        Of(OrderNotFound, "The EHR has no such ServiceRequest.", "A new order that is not visible yet is asked for again for five minutes, then it is held.",
            "See whether the id and the EHR are right; then retry, or cancel."),
        Of(OrderGone, "The EHR has deleted the ServiceRequest.", Listens,
            "See whether that was meant; if it was, cancel."),
        Of(RecordIncomplete, "What must be in the record could not be had until Gathering:Deadline (the last cause stands in the timeline); or the record has no patient, a result or report cannot be read safely, answers of the EHR keep ending in the middle, or a record plan that holds for what it must have did not find it.", Listens,
            "See that the EHR answers the searches, and have the resource mended; retry gathers again. Which items of a plan are missing only a preview shows (role privacy), because an item's name tells what the patient has."),
        Of(WrongPatient, "Something the order names is about another patient.", Listens + " It is never forced.",
            "Mend the order at the EHR."),
        Of(TooCostly, "The record is beyond Gathering:MaxResources or Gathering:MaxPages, or the EHR's pages lead in a circle.", Listens,
            "Raise the limit and restart, or narrow the record by a plan or Gathering:LookBack; retry gathers again."),
        Of(TooLarge, "The record is beyond Gathering:MaxRecordBytes, or the recipient takes no package of this size. In queue referral.commands.rejected: a command beyond 64 KiB.", Listens,
            "Raise the limit here or have it raised there, or narrow the record by a plan or Gathering:LookBack; retry builds it again."),
        Of(FilterIgnored, "The EHR says that it did not search by the patient, and gave other patients' resources. None of them was kept.", Listens,
            "Ask the EHR's operator; then retry."),
        Of(PackageInvalid, "What was gathered makes no valid Bundle; the path is in the timeline.", Listens,
            "Report it: this is a fault of the program or of a resource that two servers claim."),
        Of(RecordInvalid, "Validation:Carried is Hold, and resources of the record are not as R4 says. How many, and where most of them differ, stands in the referral's error; ? stands for an element that R4 does not know.", Listens,
            "See which in a preview made with Validation:Carried=Warn (another instance) or at the EHR, and have them mended; or set Warn and restart. Retry gathers again."),
        Of(ConsentDenied, "The patient's consent does not let the order, or the patient's own data, go to this recipient. Nothing was sent.", Listens,
            "Look at the patient's Consents at the EHR, and speak with the patient. Retry reads them again."),
        Of(ConsentMissing, "No consent permits it, and Consent:Default, or a label such as 42 CFR Part 2, does not let the order go without.", Listens,
            "Have the consent recorded at the EHR, or change Consent:Default and restart; then retry."),
        Of(ConsentUnclear, "An active Consent of the patient has something in it that is not understood (a policy nobody listed, an unknown element, a wrong shape) and so may deny this; or Consents could not be read.", Listens,
            "Look at it at the EHR. List its policy under Consent:PermittingPolicies or Consent:DenyingPolicies, have it put in the shape of IHE PCF, or give the right to read Consents; then retry."),
    ];
}
